import { status } from "@grpc/grpc-js";
import { describe, expect, test } from "vitest";
import {
  data,
  Flag,
  type Frame,
  frame,
  headers,
  MAX_WINDOW,
  priority,
  Setting,
  settings,
  Type,
  uint32,
  windowUpdate,
} from "../../../../support/http2/frames.js";
import { body, grpcReply, message, PREDICT, request } from "../../../../support/http2/grpc-request.js";
import { rawClient } from "../../../../support/http2/raw-client.js";
import { engines } from "./engines.js";
import { predictRequest } from "./predict-request.js";
import { dataOf, hello, payloadOf, plainHeaders, sentTo } from "./raw-predict.js";
import { leasesGone, serve } from "./stage.js";

describe.each(engines)("%s: flow control", (engine) => {
  const big = Buffer.alloc(100_000, "b");

  test("an answer waits for its window, byte by byte", async () => {
    const { port, frontend } = await serve(engine);
    await using client = await rawClient(port, { initial: [[Setting.INITIAL_WINDOW_SIZE, 0]], grant: false });
    client.send(request(1, PREDICT, predictRequest()));
    await client.frame("the answer's headers", ({ type, stream }) => type === Type.HEADERS && stream === 1);
    await client.settled();
    expect(sentTo(client, 1)).toBe(0);
    for (let granted = 1; granted <= 20; granted++) {
      client.send(windowUpdate(1, 1));
      await client.settled();
      expect(sentTo(client, 1)).toBe(granted);
    }
    client.send(windowUpdate(1, 1000));
    expect(await payloadOf(client, 1)).toBe("hello");
    await leasesGone(frontend);
  });

  test("INITIAL_WINDOW_SIZE of 1, and trailers that need no window", async () => {
    const { port } = await serve(engine);
    await using client = await rawClient(port, { initial: [[Setting.INITIAL_WINDOW_SIZE, 1]] });
    client.send(request(1, PREDICT, predictRequest()));
    expect(await payloadOf(client, 1)).toBe("hello");
    expect(dataOf(client, 1).every(({ payload }) => payload.length <= 1)).toBe(true);
    await using shut = await rawClient(port, { initial: [[Setting.INITIAL_WINDOW_SIZE, 0]] });
    shut.send(request(1, "/no/thing", Buffer.alloc(0)));
    expect(grpcReply(await shut.reply(1)).status).toBe(status.UNIMPLEMENTED);
  });

  test("a window that shrinks below nothing while an answer is on its way", async () => {
    const { port } = await serve(engine);
    await using client = await rawClient(port, { initial: [[Setting.INITIAL_WINDOW_SIZE, 1000]], grant: false });
    client.send(request(1, PREDICT, predictRequest(Buffer.alloc(5000, "n"))));
    const sent = async () => {
      await client.settled();
      return sentTo(client, 1);
    };
    await client.frame("data", ({ type }) => type === Type.DATA);
    expect(await sent()).toBe(1000);
    client.send(settings([Setting.INITIAL_WINDOW_SIZE, 400]));
    expect(await sent()).toBe(1000);
    // It stands at -600.
    client.send(windowUpdate(1, 600));
    expect(await sent()).toBe(1000);
    client.send(windowUpdate(1, 1));
    expect(await sent()).toBe(1001);
    client.send(settings([Setting.INITIAL_WINDOW_SIZE, 500]));
    expect(await sent()).toBe(1101);
    client.send(settings([Setting.INITIAL_WINDOW_SIZE, MAX_WINDOW - 10_000]));
    expect(await payloadOf(client, 1)).toBe("n".repeat(5000));
  });

  test("streams share the connection's window", async () => {
    const { port } = await serve(engine);
    await using client = await rawClient(port, { initial: [[Setting.INITIAL_WINDOW_SIZE, MAX_WINDOW]], grant: false });
    client.send(request(1, PREDICT, predictRequest()));
    await payloadOf(client, 1);
    const before = sentTo(client, 1);
    client.send(headers(3, plainHeaders), body(3, message(predictRequest(big))));
    await client.frame("data", ({ type, stream }) => type === Type.DATA && stream === 3);
    await client.settled();
    expect(before + sentTo(client, 3)).toBe(65_535);
    // One that needs no window is not held up by one that waits for it.
    client.send(request(5, "/no/thing", Buffer.alloc(0)));
    expect(grpcReply(await client.reply(5)).status).toBe(status.UNIMPLEMENTED);
    client.send(windowUpdate(0, MAX_WINDOW - 65_535));
    expect(await payloadOf(client, 3)).toBe(big.toString());
  });

  test("answers take turns on a narrow connection", async () => {
    const { port } = await serve(engine);
    await using client = await rawClient(port, { initial: [[Setting.INITIAL_WINDOW_SIZE, MAX_WINDOW]], grant: false });
    const streams = [1, 3, 5, 7];
    for (const stream of streams)
      client.send(request(stream, PREDICT, predictRequest(Buffer.alloc(15_000 * stream, String(stream)))));
    await client.frame("data", ({ type }) => type === Type.DATA);
    await client.settled();
    for (const stream of streams) {
      client.send(windowUpdate(0, 40_000));
      await client.settled();
      expect(sentTo(client, stream)).toBeGreaterThan(0);
    }
    client.send(windowUpdate(0, 1_000_000));
    for (const stream of streams) expect(await payloadOf(client, stream)).toBe(String(stream).repeat(15_000 * stream));
  });

  test("frames are no larger than the client allows, by default and when it allows more", async () => {
    const { port } = await serve(engine);
    for (const size of [undefined, 20_000, 2 ** 24 - 1]) {
      await using client = await rawClient(port, {
        initial: [
          [Setting.INITIAL_WINDOW_SIZE, MAX_WINDOW],
          ...(size ? [[Setting.MAX_FRAME_SIZE, size] as const] : []),
        ],
      });
      client.send(windowUpdate(0, 2 ** 30), request(1, PREDICT, predictRequest(Buffer.alloc(60_000, "f"))));
      expect(await payloadOf(client, 1)).toBe("f".repeat(60_000));
      expect(Math.max(...dataOf(client, 1).map(({ payload }) => payload.length))).toBeLessThanOrEqual(size ?? 16_384);
    }
  });

  test("the server grants what it has read, so that a request may be of any size", async () => {
    const { port } = await serve(engine);
    await using client = await rawClient(port);
    const bytes = message(predictRequest(Buffer.alloc(3_000_000, "g")));
    client.send(headers(1, plainHeaders));
    // As much at a time as the window that every stream and connection begins with.
    let granted = 65_535;
    let seen = 0;
    for (let at = 0; at < bytes.length; ) {
      const size = Math.min(16_384, granted, bytes.length - at);
      if (size > 0) {
        client.send(data(1, bytes.subarray(at, at + size), at + size === bytes.length ? Flag.END_STREAM : 0));
        at += size;
        granted -= size;
        continue;
      }
      await client.frame("room in both windows", () => {
        const sum = (id: number) =>
          client.frames
            .filter(({ type, stream }) => type === Type.WINDOW_UPDATE && stream === id)
            .reduce((total, { payload }) => total + payload.readUInt32BE(0), 0);
        const initial = client.frames[0]!.payload;
        let window = 65_535;
        for (let i = 0; i < initial.length; i += 6)
          if (initial.readUInt16BE(i) === Setting.INITIAL_WINDOW_SIZE) window = initial.readUInt32BE(i + 2);
        seen = Math.min(65_535 + sum(0), window + sum(1));
        return seen - at > 0;
      });
      granted = seen - at;
    }
    expect(await payloadOf(client, 1)).toBe("g".repeat(3_000_000));
  });

  test("what comes for calls that are over already is granted again to the connection", async () => {
    const { port } = await serve(engine, { maxMessageSize: "1KiB" });
    await using client = await rawClient(port);
    await client.settled();
    const granted = client.frames.filter(({ type, stream }) => type === Type.WINDOW_UPDATE && stream === 0);
    const window = granted.reduce((sum, { payload }) => sum + payload.readUInt32BE(0), 65_535);
    const tooLarge = message(Buffer.alloc(48_000));
    // Twice the connection's window in all; each call is refused at its first bytes.
    const count = Math.ceil((2 * window) / tooLarge.length);
    for (let i = 0; i < count; i++) {
      const stream = 1 + 2 * i;
      client.send(headers(stream, plainHeaders), body(stream, tooLarge));
      expect(grpcReply(await client.reply(stream)).status).toBe(status.RESOURCE_EXHAUSTED);
    }
    const last = 1 + 2 * count;
    client.send(request(last, PREDICT, predictRequest()));
    expect(await payloadOf(client, last)).toBe("hello");
  });

  test("windows on streams that have ended are passed over", async () => {
    const { port } = await serve(engine);
    await using client = await rawClient(port);
    client.send(request(1, PREDICT, predictRequest()));
    await payloadOf(client, 1);
    client.send(
      windowUpdate(1, 100),
      windowUpdate(1, MAX_WINDOW),
      frame(Type.RST_STREAM, 0, 1, uint32(8)),
      priority(1, 0),
    );
    await client.settled();
    client.send(request(3, PREDICT, predictRequest()));
    expect(await payloadOf(client, 3)).toBe("hello");
  });

  test("SETTINGS in the midst of requests are acknowledged each", async () => {
    const { port } = await serve(engine);
    await using client = await rawClient(port);
    const isAck = ({ type, flags }: Frame) => type === Type.SETTINGS && (flags & Flag.ACK) !== 0;
    client.send(headers(1, plainHeaders));
    for (let i = 0; i < 5; i++)
      client.send(settings([Setting.INITIAL_WINDOW_SIZE, 65_535 + i]), data(1, Buffer.alloc(0)));
    client.send(data(1, hello, Flag.END_STREAM));
    expect(await payloadOf(client, 1)).toBe("hello");
    await client.settled();
    expect(client.frames.filter(isAck)).toHaveLength(6);
  });
});
