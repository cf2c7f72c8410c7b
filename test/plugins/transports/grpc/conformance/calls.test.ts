import { Metadata, status } from "@grpc/grpc-js";
import { describe, expect, test } from "vitest";
import { Code, type ErrorCode, ServingError } from "../../../../../core/index.js";
import { HealthCheckResponse_ServingStatus as ServingStatus } from "../../../../../protos/gen/grpc/health/v1/health_pb.js";
import { until } from "../../../../support/core-fakes.js";
import { CHECK, PREDICT } from "../../../../support/http2/grpc-request.js";
import { engines } from "./engines.js";
import { predictedPayload, predictRequest } from "./predict-request.js";
import { failure, holdRuns, serve } from "./stage.js";

describe.each(engines)("%s: calls", (engine) => {
  test("a request comes as it was sent, and its answer goes back to whom it is for", async () => {
    const { channel, frontend } = await serve(engine);
    const { bytes } = channel();
    expect(predictedPayload(await bytes(PREDICT, predictRequest()))).toEqual(Buffer.from("hello"));
    expect(frontend.open).toBe(0);
  });

  test("a message of no bytes is a message", async () => {
    const { channel } = await serve(engine);
    expect(await channel().bytes(CHECK, Buffer.alloc(0))).toEqual(Buffer.of(8, ServingStatus.SERVING));
  });

  const errorCodes = Object.keys(Code).filter((name) => name !== "OK") as ErrorCode[];
  test.each(errorCodes)("%s and its text", async (code) => {
    const { channel, frontend } = await serve(engine);
    frontend.predict = async () => {
      throw new ServingError(code, `it was ${code}`);
    };
    const error = await failure(channel().bytes(PREDICT, predictRequest()));
    expect([error.code, error.details]).toEqual([Code[code], `it was ${code}`]);
    expect(frontend.open).toBe(0);
  });

  test.each([
    ["no text", ""],
    ["percent signs", "100 % of %41 and %zz"],
    ["line breaks and controls", "line\r\n\tline\u0000\u001f\u007f"],
    ["unicode", "größer – 数据 🦊 \u00a0"],
    ["quotes and separators", `"a", b: c; d=e \\ ~`],
    ["spaces at the ends", "  both  "],
    ["the longest text there is", "ä".repeat(512)],
  ])("error texts with %s", async (_, text) => {
    const { channel, frontend } = await serve(engine);
    frontend.predict = async () => {
      throw new ServingError("ABORTED", text);
    };
    const error = await failure(channel().bytes(PREDICT, predictRequest()));
    expect([error.code, error.details]).toEqual([status.ABORTED, text]);
  });

  test("half of a surrogate pair in an error text breaks nothing", async () => {
    const { channel, frontend } = await serve(engine);
    frontend.predict = async () => {
      throw new ServingError("ABORTED", "half \ud83e.");
    };
    const error = await failure(channel().bytes(PREDICT, predictRequest()));
    expect([error.code, error.details]).toEqual([status.ABORTED, "half \ufffd."]);
  });

  test("what is thrown by mistake says nothing of the inside", async () => {
    const { channel, frontend } = await serve(engine);
    const { bytes } = channel();
    frontend.predict = async () => {
      throw new TypeError("secret path");
    };
    const error = await failure(bytes(PREDICT, predictRequest()));
    expect([error.code, error.details]).toEqual([status.INTERNAL, "internal error; the server's log has the details"]);
  });

  test.each([
    "/tensorflow.serving.PredictionService/Nothing",
    "/tensorflow.serving.PredictionService/PredictStreamed",
    "/no.Service/Predict",
    "/",
    "/tensorflow.serving.PredictionService/",
    "/tensorflow.serving.PredictionService/predict",
    "/tensorflow.serving.PredictionService/Predict/",
    "/__proto__",
    "/constructor/toString",
  ])("UNIMPLEMENTED for %s", async (path) => {
    const { channel } = await serve(engine);
    const { bytes } = channel();
    const error = await failure(bytes(path, Buffer.alloc(3)));
    expect(error.code).toBe(status.UNIMPLEMENTED);
    expect(await bytes(CHECK, Buffer.alloc(0))).toHaveLength(2);
  });

  test("metadata of all kinds comes through, and what is asked for is read", async () => {
    const { channel, frontend } = await serve(engine);
    const seen: unknown[] = [];
    frontend.predict = async (_signature, inputs, { priority }) => {
      seen.push(priority);
      return inputs;
    };
    const metadata = new Metadata();
    metadata.add("salver-priority", "low");
    for (const value of ["one", "two", "three, four"]) metadata.add("x-repeated", value);
    metadata.add("x-trace-bin", Buffer.from([0, 255, 10, 13, 44]));
    metadata.add("x-trace-bin", Buffer.alloc(0));
    metadata.add("x-long", "v".repeat(6000));
    const { bytes } = channel();
    await bytes(PREDICT, predictRequest(), {}, metadata);
    await bytes(PREDICT, predictRequest());
    expect(seen).toEqual(["low", undefined]);
  });

  test("metadata that is wrong fails its own call", async () => {
    const { channel } = await serve(engine);
    const { bytes } = channel();
    const metadata = new Metadata();
    metadata.add("salver-priority", "urgent");
    const error = await failure(bytes(PREDICT, predictRequest(), {}, metadata));
    expect([error.code, error.details]).toEqual([
      status.INVALID_ARGUMENT,
      'the header salver-priority is "normal" or "low", not "urgent"',
    ]);
    await bytes(PREDICT, predictRequest());
  });

  test("1000 calls at once on one channel, each with its own answer", async () => {
    const { channel, frontend } = await serve(engine);
    const { bytes } = channel();
    const payloads = Array.from({ length: 1000 }, (_, i) => Buffer.from(`payload ${i} ${"x".repeat((i * 37) % 500)}`));
    const answers = await Promise.all(payloads.map((payload) => bytes(PREDICT, predictRequest(payload))));
    expect(answers.map((answer) => predictedPayload(answer).equals(payloads[answers.indexOf(answer)]!))).not.toContain(
      false,
    );
    expect(frontend.open).toBe(0);
  });

  test("many channels at once", async () => {
    const { channel } = await serve(engine);
    const answers = await Promise.all(
      Array.from({ length: 40 }, (_, i) => channel().bytes(PREDICT, predictRequest(Buffer.of(i)))),
    );
    expect(answers.map((answer) => predictedPayload(answer)[0])).toEqual(answers.map((_, i) => i));
  });

  test("answers go out as they come, not in the order of the calls", async () => {
    const { channel, frontend } = await serve(engine);
    const { next } = holdRuns(frontend);
    const { bytes } = channel();
    const order: number[] = [];
    const calls = [0, 1, 2, 3, 4].map(async (i) => {
      const answer = predictedPayload(await bytes(PREDICT, predictRequest(Buffer.of(i))));
      order.push(i);
      return answer[0];
    });
    const runs = [await next(), await next(), await next(), await next(), await next()];
    for (const i of [3, 1, 4, 0, 2]) {
      const before = order.length;
      runs[i]!.answer();
      await until(() => order.length === before + 1, `answer ${before + 1}`);
    }
    expect(order).toEqual([3, 1, 4, 0, 2]);
    expect(await Promise.all(calls)).toEqual([0, 1, 2, 3, 4]);
  });

  test("no more calls at once on a connection than the server allows, and all are answered", async () => {
    const { channel, frontend } = await serve(engine, { channelArguments: { "grpc.max_concurrent_streams": 4 } });
    const { bytes } = channel();
    let running = 0;
    let most = 0;
    frontend.predict = async (_signature, inputs) => {
      most = Math.max(most, ++running);
      await new Promise((resolve) => setTimeout(resolve, 1));
      running--;
      return inputs;
    };
    // The channel knows the limit when its first call has been answered.
    await bytes(PREDICT, predictRequest());
    await Promise.all(Array.from({ length: 30 }, () => bytes(PREDICT, predictRequest())));
    expect(most).toBe(4);
  });
});
