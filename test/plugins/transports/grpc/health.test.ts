import { once } from "node:events";
import type { MessageShape } from "@bufbuild/protobuf";
import { type ClientReadableStream, status } from "@grpc/grpc-js";
import { describe, expect, it } from "vitest";
import {
  Health,
  type HealthCheckResponseSchema,
  HealthCheckResponse_ServingStatus as ServingStatus,
} from "../../../../protos/gen/grpc/health/v1/health_pb.js";
import { failure, start } from "./start.js";

const { check, watch } = Health.method;
type Stream = ClientReadableStream<MessageShape<typeof HealthCheckResponseSchema>>;

const next = async (stream: Stream) => ((await once(stream, "data"))[0] as { status: ServingStatus }).status;

describe("health", () => {
  it.each(["", "tensorflow.serving.PredictionService", "PredictionService", "ModelService"])(
    'follows the frontend\'s readiness for "%s"',
    async (service) => {
      await using stage = await start();
      expect((await stage.unary(check, { service })).status).toBe(ServingStatus.SERVING);
      stage.frontend.ready = false;
      expect((await stage.unary(check, { service })).status).toBe(ServingStatus.NOT_SERVING);
    },
  );

  it("does not know other services", async () => {
    await using stage = await start();
    expect((await failure(stage.unary(check, { service: "x" }))).code).toBe(status.NOT_FOUND);
    const stream: Stream = stage.serverStream(watch, { service: "x" });
    stream.on("error", () => {});
    expect(await next(stream)).toBe(ServingStatus.SERVICE_UNKNOWN);
    stream.cancel();
  });

  it("tells watchers of each change", async () => {
    await using stage = await start();
    stage.frontend.ready = false;
    const stream: Stream = stage.serverStream(watch, { service: "" });
    stream.on("error", () => {});
    expect(await next(stream)).toBe(ServingStatus.NOT_SERVING);
    stage.frontend.ready = true;
    expect(await next(stream)).toBe(ServingStatus.SERVING);
    stream.cancel();
  });

  it("tells watchers that the server drains, ends their streams, and so does not hold the drain up", async () => {
    await using stage = await start();
    const stream: Stream = stage.serverStream(watch, { service: "" });
    const ended = once(stream, "error").catch((error) => [error]);
    expect(await next(stream)).toBe(ServingStatus.SERVING);
    const last = next(stream);
    await stage.transport.drain(new AbortController().signal);
    expect(await last).toBe(ServingStatus.NOT_SERVING);
    expect((await ended)[0]).toMatchObject({ code: status.UNAVAILABLE });
  });

  it("is not there when turned off", async () => {
    await using stage = await start({ health: false });
    expect((await failure(stage.unary(check, {}))).code).toBe(status.UNIMPLEMENTED);
  });
});
