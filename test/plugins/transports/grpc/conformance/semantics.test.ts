import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { status } from "@grpc/grpc-js";
import { describe, expect, test } from "vitest";
import { ServingError } from "../../../../../core/index.js";
import {
  ServerReflectionRequestSchema,
  ServerReflectionResponseSchema,
} from "../../../../../protos/gen/grpc/reflection/v1/reflection_pb.js";
import { data, Flag, headers, rstStream, Type, uint32 } from "../../../../support/http2/frames.js";
import { body, grpcReply, message, PREDICT, request, requestFields } from "../../../../support/http2/grpc-request.js";
import { block, type Field } from "../../../../support/http2/hpack.js";
import { rawClient } from "../../../../support/http2/raw-client.js";
import { engines } from "./engines.js";
import { predictRequest } from "./predict-request.js";
import { hello, payloadOf, plainHeaders } from "./raw-predict.js";
import { failure, leasesGone, serve } from "./stage.js";

const END = Flag.END_STREAM | Flag.END_HEADERS;
const replace = (name: string, value?: string): readonly Field[] =>
  requestFields(PREDICT).flatMap((field) =>
    field[0] !== name ? [field] : value === undefined ? [] : [[name, value] as const],
  );

describe.each(engines)("%s: gRPC on HTTP/2", (engine) => {
  test("an answer is headers, messages behind their lengths, and trailers that end the stream", async () => {
    const { port } = await serve(engine);
    await using client = await rawClient(port);
    client.send(request(1, PREDICT, predictRequest()));
    expect(await payloadOf(client, 1)).toBe("hello");
    const { blocks, body: sent } = await client.reply(1);
    expect(blocks).toHaveLength(2);
    expect(blocks[0]).toMatchObject({ ":status": "200", "content-type": expect.stringMatching(/^application\/grpc/) });
    expect(blocks[0]).not.toHaveProperty("grpc-status");
    expect(blocks[1]).toMatchObject({ "grpc-status": "0" });
    expect(Object.keys(blocks[1]!).filter((name) => name.startsWith(":"))).toEqual([]);
    expect([sent[0], sent.readUInt32BE(1)]).toEqual([0, sent.length - 5]);
    const last = client.frames.filter(({ stream }) => stream === 1).at(-1)!;
    expect([last.type, last.flags & Flag.END_STREAM]).toEqual([Type.HEADERS, Flag.END_STREAM]);
  });

  test("an error without a message is one block of headers", async () => {
    const { port } = await serve(engine);
    await using client = await rawClient(port);
    client.send(request(1, "/no/thing", Buffer.alloc(0)));
    const { blocks, body: sent } = await client.reply(1);
    expect(blocks).toHaveLength(1);
    expect(blocks[0]).toMatchObject({ ":status": "200", "grpc-status": String(status.UNIMPLEMENTED) });
    expect(sent).toHaveLength(0);
  });

  test("texts go percent-encoded in printable ASCII, without white space at the ends", async () => {
    const { port, frontend } = await serve(engine);
    await using client = await rawClient(port);
    frontend.predict = async () => {
      throw new ServingError("ABORTED", " größer als 100 %\n ");
    };
    client.send(request(1, PREDICT, predictRequest()));
    const { blocks } = await client.reply(1);
    const text = blocks.at(-1)?.["grpc-message"];
    expect(text).toMatch(/^[!-~]([ -~]*[!-~])?$/);
    expect(decodeURIComponent(text!)).toBe(" größer als 100 %\n ");
  });

  test.each([
    ["application/grpc", 200],
    ["application/grpc+proto", 200],
    ["application/grpc+anything", 200],
    ["application/grpc; charset=utf-8", 200],
    ["application/json", 415],
    ["text/plain", 415],
    ["", 415],
    [undefined, 415],
  ])("content-type %s", async (type, code) => {
    const { port, frontend } = await serve(engine);
    await using client = await rawClient(port);
    client.send(headers(1, block(replace("content-type", type))), data(1, hello, Flag.END_STREAM));
    const { blocks } = await client.reply(1);
    expect(blocks[0]?.[":status"]).toBe(String(code));
    if (code !== 200) expect(frontend.specs).toEqual([]);
  });

  test.each(["GET", "PUT", "HEAD", "OPTIONS"])("the method %s is none of gRPC's", async (method) => {
    const { port, frontend } = await serve(engine);
    await using client = await rawClient(port);
    client.send(headers(1, block(replace(":method", method)), END));
    const { blocks } = await client.reply(1);
    const [first] = blocks;
    // grpc-js takes it for a call without a message.
    if (engine !== "grpc-js") expect(first?.[":status"]).toBe("405");
    else expect(first?.["grpc-status"]).not.toBe("0");
    expect(frontend.specs).toEqual([]);
  });

  test("te may be missing, and a host may stand for the authority", async () => {
    const { port } = await serve(engine);
    await using client = await rawClient(port);
    for (const [i, fields] of [replace("te"), [...replace(":authority"), ["host", "x"] as const]].entries()) {
      client.send(headers(1 + 2 * i, block(fields)), data(1 + 2 * i, hello, Flag.END_STREAM));
      expect(await payloadOf(client, 1 + 2 * i)).toBe("hello");
    }
  });

  const errors = [status.INTERNAL, status.INVALID_ARGUMENT, status.UNIMPLEMENTED, status.RESOURCE_EXHAUSTED];
  test.each([
    ["no message, ended in the headers", [headers(1, plainHeaders, END)]],
    ["no message, ended in DATA", [headers(1, plainHeaders), data(1, Buffer.alloc(0), Flag.END_STREAM)]],
    ["a part of a length", [headers(1, plainHeaders), data(1, hello.subarray(0, 3), Flag.END_STREAM)]],
    ["a message that stops early", [headers(1, plainHeaders), data(1, hello.subarray(0, 20), Flag.END_STREAM)]],
    ["two messages", [headers(1, plainHeaders), data(1, Buffer.concat([hello, hello]), Flag.END_STREAM)]],
    ["two messages in two frames", [headers(1, plainHeaders), data(1, hello), data(1, hello, Flag.END_STREAM)]],
    [
      "a length above all limits",
      [headers(1, plainHeaders), data(1, Buffer.concat([Buffer.of(0), uint32(2 ** 32 - 1)]), Flag.END_STREAM)],
    ],
    [
      "a message and a half",
      [headers(1, plainHeaders), data(1, Buffer.concat([hello, hello.subarray(0, 9)]), Flag.END_STREAM)],
    ],
  ] as const)("%s is an error of the call", async (_, bytes) => {
    const { port, frontend } = await serve(engine);
    await using client = await rawClient(port);
    client.send(...bytes);
    const { status: code, messages } = grpcReply(await client.reply(1));
    // grpc-js answers before it has seen that more comes, and passes over a part of a message.
    if (engine !== "grpc-js") expect(errors).toContain(code);
    if (code !== status.OK) expect(messages).toEqual([]);
    client.send(request(3, PREDICT, predictRequest()));
    expect(await payloadOf(client, 3)).toBe("hello");
    await leasesGone(frontend);
  });

  test("a flag that is neither 0 nor 1 is an error of the call", async () => {
    const { port } = await serve(engine);
    await using client = await rawClient(port);
    client.send(headers(1, plainHeaders), data(1, message(predictRequest(), 2), Flag.END_STREAM));
    const { status: code } = grpcReply(await client.reply(1));
    if (engine !== "grpc-js") expect(code).toBe(status.INTERNAL);
    await client.settled();
  });

  test("RST_STREAM before the end of a request: nothing runs", async () => {
    const { port, frontend } = await serve(engine);
    await using client = await rawClient(port);
    for (const [i, bytes] of [[], [data(1, hello.subarray(0, 10))], [data(1, hello)]].entries()) {
      const stream = 1 + 2 * i;
      client.send(
        headers(stream, plainHeaders),
        ...bytes.map((each) => Buffer.from(each).fill(stream, 8, 9)),
        rstStream(stream),
      );
    }
    await client.settled();
    client.send(request(7, PREDICT, predictRequest()));
    expect(await payloadOf(client, 7)).toBe("hello");
    expect(client.frames.filter(({ stream, type }) => stream > 0 && stream < 7 && type === Type.HEADERS)).toEqual([]);
    // grpc-js runs a call as soon as its message is whole.
    if (engine !== "grpc-js") expect(frontend.specs).toHaveLength(1);
    await leasesGone(frontend);
  });

  test("an answer that comes before the end of its request lets the client stop", async () => {
    const { port } = await serve(engine, { maxMessageSize: "1KiB" });
    await using client = await rawClient(port);
    const announced = Buffer.concat([Buffer.of(0), uint32(100_000), Buffer.alloc(2000)]);
    client.send(headers(1, plainHeaders), data(1, announced));
    expect(grpcReply(await client.reply(1)).status).toBe(status.RESOURCE_EXHAUSTED);
    // What is on its way already is passed over, and the connection's window given back.
    for (let i = 0; i < 40; i++) client.send(data(1, Buffer.alloc(2450)));
    client.send(data(1, Buffer.alloc(0), Flag.END_STREAM));
    await client.settled();
    client.send(headers(3, plainHeaders), body(3, hello));
    expect(await payloadOf(client, 3)).toBe("hello");
  });

  test("streaming: several messages in one DATA frame, and one over several", async () => {
    const { port } = await serve(engine);
    await using client = await rawClient(port);
    const names = ["a.proto", "b.proto", "c.proto", "d.proto"];
    const questions = Buffer.concat(
      names.map((value) =>
        message(
          toBinary(
            ServerReflectionRequestSchema,
            create(ServerReflectionRequestSchema, { messageRequest: { case: "fileByFilename", value } }),
          ),
        ),
      ),
    );
    const fields = requestFields("/grpc.reflection.v1.ServerReflection/ServerReflectionInfo");
    client.send(headers(1, block(fields)), data(1, questions, Flag.END_STREAM));
    client.send(headers(3, block(fields)));
    for (let at = 0; at < questions.length; at += 7) client.send(data(3, questions.subarray(at, at + 7)));
    client.send(data(3, Buffer.alloc(0), Flag.END_STREAM));
    for (const stream of [1, 3]) {
      const { status: code, messages } = grpcReply(await client.reply(stream));
      expect(code).toBe(status.OK);
      const asked = messages.map(
        (bytes) => fromBinary(ServerReflectionResponseSchema, bytes).originalRequest?.messageRequest.value,
      );
      expect(asked).toEqual(names);
    }
  });

  test("calls that fail in each way leave the connection to the others", async () => {
    const { port, channel, frontend } = await serve(engine);
    const { bytes } = channel();
    expect((await failure(bytes(PREDICT, Buffer.of(0xff)))).code).toBe(status.INVALID_ARGUMENT);
    await using client = await rawClient(port);
    client.send(
      request(1, PREDICT, Buffer.of(0xff)),
      request(3, "/x/y", Buffer.alloc(9)),
      request(5, PREDICT, predictRequest()),
    );
    expect(grpcReply(await client.reply(1)).status).toBe(status.INVALID_ARGUMENT);
    expect(await payloadOf(client, 5)).toBe("hello");
    await leasesGone(frontend);
  });
});
