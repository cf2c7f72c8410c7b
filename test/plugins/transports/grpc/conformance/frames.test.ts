import { status } from "@grpc/grpc-js";
import { describe, expect, test } from "vitest";
import {
  continuation,
  data,
  Flag,
  frame,
  headers,
  PREFACE,
  padded,
  ping,
  priority,
  Setting,
  settings,
  Type,
  uint32,
  windowUpdate,
} from "../../../../support/http2/frames.js";
import { CHECK, grpcReply, PREDICT, request, requestFields } from "../../../../support/http2/grpc-request.js";
import { block } from "../../../../support/http2/hpack.js";
import { rawClient } from "../../../../support/http2/raw-client.js";
import { engines } from "./engines.js";
import { predictRequest } from "./predict-request.js";
import { hello, payloadOf, plainHeaders } from "./raw-predict.js";
import { serve } from "./stage.js";

const END = Flag.END_STREAM | Flag.END_HEADERS;

describe.each(engines)("%s: unusual frames", (engine) => {
  test("a server says its SETTINGS first, and acknowledges ours", async () => {
    const { port } = await serve(engine);
    await using client = await rawClient(port);
    await client.frame("an ACK", ({ type, flags }) => type === Type.SETTINGS && (flags & Flag.ACK) !== 0);
    expect(client.frames[0]).toMatchObject({ type: Type.SETTINGS, stream: 0 });
    expect(client.frames[0]!.flags & Flag.ACK).toBe(0);
    expect(client.frames[0]!.payload.length % 6).toBe(0);
  });

  test("a conversation cut into two parts at every byte", async () => {
    const { port } = await serve(engine);
    const whole = Buffer.concat([
      PREFACE,
      settings([Setting.ENABLE_PUSH, 0]),
      windowUpdate(0, 1000),
      request(1, PREDICT, predictRequest()),
    ]);
    for (let at = 1; at < whole.length; at++) {
      await using client = await rawClient(port, { opening: whole.subarray(0, at), polite: false });
      client.socket.setNoDelay(true);
      await new Promise((resolve) => setImmediate(resolve));
      client.send(whole.subarray(at));
      expect(await payloadOf(client, 1)).toBe("hello");
    }
  });

  test("a conversation byte by byte", async () => {
    const { port } = await serve(engine);
    const whole = Buffer.concat([PREFACE, settings(), request(1, PREDICT, predictRequest())]);
    await using client = await rawClient(port, { opening: Buffer.alloc(0), polite: false });
    client.socket.setNoDelay(true);
    for (const byte of whole) {
      client.send(Buffer.of(byte));
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(await payloadOf(client, 1)).toBe("hello");
  });

  test("many requests in one write", async () => {
    const { port, frontend } = await serve(engine);
    await using client = await rawClient(port);
    const streams = Array.from({ length: 90 }, (_, i) => 1 + 2 * i);
    client.send(...streams.map((stream) => request(stream, PREDICT, predictRequest(Buffer.from(`p${stream}`)))));
    for (const stream of streams) expect(await payloadOf(client, stream)).toBe(`p${stream}`);
    expect(frontend.open).toBe(0);
  });

  test("stream identifiers may leave gaps", async () => {
    const { port } = await serve(engine);
    await using client = await rawClient(port);
    for (const stream of [1, 7, 1001, 2 ** 31 - 3, 2 ** 31 - 1]) {
      client.send(request(stream, PREDICT, predictRequest()));
      expect(await payloadOf(client, stream)).toBe("hello");
    }
  });

  test.each([1, 2, 7])("a header block over many CONTINUATIONs of %i bytes", async (size) => {
    const { port } = await serve(engine);
    await using client = await rawClient(port);
    const whole = block(requestFields(PREDICT, [["x-filler", "f".repeat(size * 50)]])).subarray(0);
    const first = whole.subarray(0, 10);
    const pieces: Buffer[] = [];
    // nghttp2 takes no more than 8 CONTINUATIONs a block as from 1.61; some are empty, the last is the longest.
    for (let at = 10; pieces.length < 4; at += size) pieces.push(whole.subarray(at, at + size));
    const rest = whole.subarray(10 + size * 4);
    client.send(
      headers(1, first, 0),
      ...pieces.map((piece) => continuation(1, piece)),
      continuation(1, Buffer.alloc(0)),
      continuation(1, rest, Flag.END_HEADERS),
      data(1, hello, Flag.END_STREAM),
    );
    expect(await payloadOf(client, 1)).toBe("hello");
  });

  test("a header block in 51 frames, where the engine allows it", async () => {
    const { port } = await serve(engine);
    await using client = await rawClient(port);
    const whole = block(requestFields(PREDICT, [["x-filler", "f".repeat(5000)]]));
    const size = Math.ceil(whole.length / 51);
    const pieces = Array.from({ length: 51 }, (_, i) => whole.subarray(i * size, (i + 1) * size));
    client.send(
      headers(1, pieces[0]!, 0),
      ...pieces.slice(1).map((piece, i) => continuation(1, piece, i === 49 ? Flag.END_HEADERS : 0)),
      data(1, hello, Flag.END_STREAM),
    );
    const outcome = await client.reply(1);
    // A limit on their number is the defence against floods of them: then the connection ends.
    if (outcome.connection !== undefined)
      expect(["ENHANCE_YOUR_CALM", "PROTOCOL_ERROR", "INTERNAL_ERROR"]).toContain(outcome.connection);
    else expect(grpcReply(outcome).status).toBe(status.OK);
  });

  test("padding on HEADERS and DATA, from none to the most", async () => {
    const { port } = await serve(engine);
    await using client = await rawClient(port);
    let stream = 1;
    for (const padding of [0, 1, 100, 255]) {
      client.send(
        frame(Type.HEADERS, Flag.END_HEADERS | Flag.PADDED, stream, padded(plainHeaders, padding)),
        frame(Type.DATA, Flag.PADDED, stream, padded(hello.subarray(0, 3), padding)),
        frame(Type.DATA, Flag.PADDED, stream, padded(Buffer.alloc(0), padding)),
        frame(Type.DATA, Flag.PADDED | Flag.END_STREAM, stream, padded(hello.subarray(3), padding)),
      );
      expect(await payloadOf(client, stream)).toBe("hello");
      stream += 2;
    }
  });

  test("padding counts in flow control: what is padded away is granted again", async () => {
    const { port } = await serve(engine);
    await using client = await rawClient(port);
    for (let i = 0; i < 1000; i++) {
      const stream = 1 + 2 * i;
      client.send(
        headers(stream, plainHeaders),
        frame(Type.DATA, Flag.PADDED, stream, padded(Buffer.alloc(0), 255)),
        data(stream, hello, Flag.END_STREAM),
      );
      // Four windows' worth of padding in all.
      if (i % 50 === 0) expect(await payloadOf(client, stream)).toBe("hello");
    }
    await client.settled();
  });

  test("PRIORITY frames, priority in HEADERS, and both with padding", async () => {
    const { port } = await serve(engine);
    await using client = await rawClient(port);
    const depends = Buffer.concat([uint32(0x80000000), Buffer.of(200)]);
    client.send(
      priority(5, 0),
      priority(3, 5, 255),
      frame(Type.HEADERS, Flag.END_HEADERS | Flag.PRIORITY, 1, Buffer.concat([depends, plainHeaders])),
      priority(1, 3, 0),
      data(1, hello, Flag.END_STREAM),
      frame(
        Type.HEADERS,
        Flag.END_HEADERS | Flag.PRIORITY | Flag.PADDED,
        3,
        padded(Buffer.concat([depends, plainHeaders]), 9),
      ),
      data(3, hello, Flag.END_STREAM),
    );
    expect([await payloadOf(client, 1), await payloadOf(client, 3)]).toEqual(["hello", "hello"]);
    client.send(priority(1, 0));
    await client.settled();
  });

  test("a message over as many DATA frames as bytes, with empty ones between", async () => {
    const { port } = await serve(engine);
    await using client = await rawClient(port);
    client.send(headers(1, plainHeaders));
    for (const [i, byte] of [...hello].entries())
      client.send(...(i % 8 === 0 ? [data(1, Buffer.alloc(0))] : []), data(1, Buffer.of(byte)));
    client.send(data(1, Buffer.alloc(0), Flag.END_STREAM));
    expect(await payloadOf(client, 1)).toBe("hello");
  });

  test("the end may come in the trailers of the client, or in an empty DATA frame", async () => {
    const { port } = await serve(engine);
    await using client = await rawClient(port);
    client.send(headers(1, plainHeaders), data(1, hello), headers(1, block([["x-checksum", "7"]]), END));
    client.send(headers(3, plainHeaders), data(3, hello), data(3, Buffer.alloc(0), Flag.END_STREAM));
    expect([await payloadOf(client, 1), await payloadOf(client, 3)]).toEqual(["hello", "hello"]);
  });

  test("frames and settings of unknown kinds are passed over, and so are unknown flags", async () => {
    const { port } = await serve(engine);
    await using client = await rawClient(port);
    client.send(
      settings([0x99, 1], [0xffff, 0xffffffff], [0, 0], [Setting.MAX_CONCURRENT_STREAMS, 0]),
      frame(0xee, 0xff, 0, Buffer.from("anything")),
      frame(0x0c, 0, 7, Buffer.alloc(100)),
      headers(1, plainHeaders, Flag.END_HEADERS | 0x42),
      frame(0x21, 0xff, 1, Buffer.alloc(0)),
      data(1, hello, Flag.END_STREAM | 0x46),
    );
    expect(await payloadOf(client, 1)).toBe("hello");
  });

  test("the reserved bit of stream identifiers and windows is passed over", async () => {
    const { port } = await serve(engine);
    await using client = await rawClient(port);
    client.send(
      frame(Type.WINDOW_UPDATE, 0, 0, uint32(0x80000001)),
      frame(Type.HEADERS, Flag.END_HEADERS, 0x80000001, plainHeaders),
      frame(Type.DATA, Flag.END_STREAM, 0x80000001, hello),
    );
    expect(await payloadOf(client, 1)).toBe("hello");
  });

  test("a PING is answered with its own bytes, and the answer to none is passed over", async () => {
    const { port } = await serve(engine);
    await using client = await rawClient(port);
    const payload = Buffer.from([0, 255, 1, 254, 2, 253, 3, 252]);
    client.send(ping(payload));
    const answer = await client.frame("an answer", ({ type }) => type === Type.PING);
    expect(answer).toMatchObject({ flags: Flag.ACK, stream: 0 });
    expect(answer.payload).toEqual(payload);
    client.send(request(1, CHECK, Buffer.alloc(0)));
    expect(grpcReply(await client.reply(1)).status).toBe(status.OK);
  });
});
