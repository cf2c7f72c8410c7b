import { gunzipSync, gzipSync } from "node:zlib";
import { compressionAlgorithms, status } from "@grpc/grpc-js";
import { describe, expect, test } from "vitest";
import { strings } from "../../../../../core/index.js";
import { data, Flag, headers } from "../../../../support/http2/frames.js";
import { grpcReply, message, PREDICT, request, requestFields } from "../../../../support/http2/grpc-request.js";
import { block } from "../../../../support/http2/hpack.js";
import { rawClient } from "../../../../support/http2/raw-client.js";
import { engines } from "./engines.js";
import { predictedPayload, predictRequest } from "./predict-request.js";
import { failure, serve } from "./stage.js";

const KIB = 1024;
const MIB = 1024 * KIB;

/** Bytes that a wrong offset or a lost piece would change. */
function pattern(length: number): Buffer {
  const bytes = Buffer.alloc(length);
  for (let i = 0; i + 4 <= length; i += 4) bytes.writeUInt32LE(Math.imul(i, 2_654_435_761) >>> 0, i);
  return bytes;
}

const text = (length: number) => "t".repeat(length);

describe.each(engines)("%s: messages", (engine) => {
  // Around the sizes of a frame, of the first windows, and of what is read from a socket at once.
  test.each([1, 5, 16_383, 16_384, 16_385, 65_535, 65_536, 65_537, MIB, 5 * MIB + 3, 64 * MIB])(
    "%i bytes come whole, both ways",
    async (length) => {
      const { channel, frontend } = await serve(engine);
      const payload = pattern(length);
      const answer = await channel().bytes(PREDICT, predictRequest(payload));
      expect(predictedPayload(answer).equals(payload)).toBe(true);
      expect(frontend.open).toBe(0);
    },
  );

  test("large ones at once share a connection without mixing", async () => {
    const { channel } = await serve(engine);
    const { bytes } = channel();
    const payloads = [1, 2, 3, 4, 5, 6].map((i) => pattern(i * 333_333).fill(i, 100, 200));
    const answers = await Promise.all(payloads.map((payload) => bytes(PREDICT, predictRequest(payload))));
    expect(answers.map((answer, i) => predictedPayload(answer).equals(payloads[i]!))).toEqual(payloads.map(() => true));
  });

  test("a request at the limit is taken, one above it is refused, and the connection goes on", async () => {
    const exact = predictRequest(pattern(KIB));
    const { channel, frontend } = await serve(engine, { maxMessageSize: `${exact.length}B` });
    const { bytes } = channel();
    frontend.predict = async () => ({});
    await bytes(PREDICT, exact);
    expect((await failure(bytes(PREDICT, predictRequest(pattern(KIB + 1))))).code).toBe(status.RESOURCE_EXHAUSTED);
    expect((await failure(bytes(PREDICT, predictRequest(pattern(4 * MIB))))).code).toBe(status.RESOURCE_EXHAUSTED);
    await bytes(PREDICT, exact);
  });

  test("an answer above the limit is not sent", async () => {
    const { channel, frontend } = await serve(engine, { maxMessageSize: "4KiB" });
    const { bytes } = channel();
    frontend.predict = async () => ({ x: strings([text(5 * KIB)]) });
    const error = await failure(bytes(PREDICT, predictRequest()));
    expect(error.code).toBe(status.RESOURCE_EXHAUSTED);
    frontend.predict = async () => ({ x: strings([text(KIB)]) });
    expect(predictedPayload(await bytes(PREDICT, predictRequest()))).toHaveLength(KIB);
    expect(frontend.open).toBe(0);
  });

  test.each([
    ["gzip", compressionAlgorithms.gzip],
    ["deflate", compressionAlgorithms.deflate],
  ])("requests in %s", async (_, algorithm) => {
    const { channel } = await serve(engine);
    const { bytes } = channel({ "grpc.default_compression_algorithm": algorithm });
    for (const length of [0, 10, 100 * KIB, 3 * MIB]) {
      const payload = pattern(length);
      expect(predictedPayload(await bytes(PREDICT, predictRequest(payload))).equals(payload)).toBe(true);
    }
  });

  test("a bomb: what unpacks to more than the limit is refused", async () => {
    const { channel } = await serve(engine, { maxMessageSize: "1MiB" });
    const { bytes } = channel({ "grpc.default_compression_algorithm": compressionAlgorithms.gzip });
    expect((await failure(bytes(PREDICT, predictRequest(Buffer.alloc(32 * MIB))))).code).toBe(
      status.RESOURCE_EXHAUSTED,
    );
    await bytes(PREDICT, predictRequest());
  });

  const compressed = async (engine_: typeof engine, encoding: string | undefined, flag: number, bytes: Uint8Array) => {
    const { port, frontend } = await serve(engine_);
    await using client = await rawClient(port);
    const fields = requestFields(PREDICT, encoding === undefined ? [] : [["grpc-encoding", encoding]]);
    client.send(headers(1, block(fields)), data(1, message(bytes, flag), Flag.END_STREAM));
    const reply = await client.reply(1);
    expect(frontend.open).toBe(0);
    return { ...grpcReply(reply), accepted: reply.blocks.map((each) => each["grpc-accept-encoding"]).find(Boolean) };
  };

  test("a message may stay plain where an encoding is named", async () => {
    expect((await compressed(engine, "gzip", 0, predictRequest())).status).toBe(status.OK);
    expect((await compressed(engine, "identity", 0, predictRequest())).status).toBe(status.OK);
    expect((await compressed(engine, "gzip", 1, gzipSync(predictRequest()))).status).toBe(status.OK);
  });

  test("an unknown encoding is UNIMPLEMENTED, and the answer names those that are known", async () => {
    const { status: code, accepted } = await compressed(engine, "snappy", 1, predictRequest());
    expect(code).toBe(status.UNIMPLEMENTED);
    // grpc-js names them in answers that are none of errors.
    if (engine !== "grpc-js") expect(accepted).toMatch(/\bgzip\b/);
  });

  test("a client that takes gzip can read its answer", async () => {
    const { port } = await serve(engine);
    await using client = await rawClient(port);
    const sent = predictRequest(Buffer.alloc(50 * KIB, "a"));
    client.send(request(1, PREDICT, sent, [["grpc-accept-encoding", "identity,deflate,gzip"]]));
    const reply = await client.reply(1);
    const { messages } = grpcReply(reply);
    const packed = reply.body[0] === 1;
    if (packed) expect(reply.blocks[0]?.["grpc-encoding"]).toBe("gzip");
    expect(predictedPayload(packed ? gunzipSync(messages[0]!) : messages[0]!)).toEqual(Buffer.alloc(50 * KIB, "a"));
  });

  test("a compressed flag without an encoding, and bytes that are not what they say, are errors of the call", async () => {
    // grpc-js takes the first for plain, and the message in it for what it is: nothing of use.
    const codes = [status.INTERNAL, status.INVALID_ARGUMENT, status.UNIMPLEMENTED];
    expect(codes).toContain((await compressed(engine, undefined, 1, gzipSync(predictRequest()))).status);
    expect(codes).toContain((await compressed(engine, "gzip", 1, Buffer.from("not gzip at all"))).status);
    const cut = gzipSync(predictRequest(pattern(KIB)));
    expect(codes).toContain((await compressed(engine, "gzip", 1, cut.subarray(0, cut.length - 20))).status);
  });
});
