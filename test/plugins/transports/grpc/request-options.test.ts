import { type CallOptions, Metadata, status } from "@grpc/grpc-js";
import type { RunOptions } from "salver";
import { afterEach, beforeEach, expect, test } from "vitest";
import { PredictionService } from "../../../../protos/gen/tensorflow_serving/apis/prediction_service_pb.js";
import { failure, type Stage, start } from "./start.js";

/** By the host's clock. */
const NOW = 5000;

let stage: Stage;
let seen: RunOptions[];
beforeEach(async () => {
  stage = await start({}, { clock: { now: () => NOW, sleep: () => Promise.reject(new Error("nothing sleeps here")) } });
  seen = [];
  stage.frontend.predict = async (_signature, inputs, options) => {
    seen.push(options);
    return inputs;
  };
});
afterEach(() => stage[Symbol.asyncDispose]());

const ask = (options: CallOptions, priorities: readonly string[] = []) => {
  const metadata = new Metadata();
  for (const each of priorities) metadata.add("salver-priority", each);
  return stage.unary(PredictionService.method.predict, { modelSpec: { name: "m" } }, options, metadata);
};

test("a call's deadline becomes the run's, by the host's clock", async () => {
  await ask({ deadline: Date.now() + 60_000 });
  await ask({});
  const [bounded, unbounded] = seen.map(({ deadline }) => deadline);
  expect(bounded).toBeGreaterThan(NOW);
  expect(bounded).toBeLessThanOrEqual(NOW + 60_001);
  expect(unbounded).toBeUndefined();
});

test("a call says its priority in its metadata", async () => {
  await ask({}, ["low"]);
  await ask({}, ["normal"]);
  await ask({});
  expect(seen.map(({ priority }) => priority)).toEqual(["low", "normal", undefined]);
});

test("a priority that is none is refused", async () => {
  const { code, details } = await failure(ask({}, ["urgent"]));
  expect([code, details]).toEqual([
    status.INVALID_ARGUMENT,
    'the header salver-priority is "normal" or "low", not "urgent"',
  ]);
  expect(seen).toEqual([]);
});
