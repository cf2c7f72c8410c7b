import {
  definePlugin,
  type LoadEvent,
  newRequest,
  provide,
  type RequestEvent,
  type RunEvent,
  type Servable,
  ServingError,
  silentTelemetry,
  TelemetryToken,
  tensor,
} from "salver";
import { describe, expect, test } from "vitest";
import { leaseOf } from "../../core/serving/lease.js";
import { exampleOf } from "../../protos/example/encode.js";
import { fakeServing } from "../support/fake-serving.js";

const x = tensor("float32", [2], Float32Array.of(1, 2));

/** A plugin whose telemetry remembers what it was told. */
function diary() {
  const requests: RequestEvent[] = [];
  const runs: RunEvent[] = [];
  const loads: LoadEvent[] = [];
  const telemetry = {
    ...silentTelemetry,
    requestEnded: (event: RequestEvent) => void requests.push(event),
    runEnded: (event: RunEvent) => void runs.push(event),
    loadEnded: (event: LoadEvent) => void loads.push(event),
  };
  const plugin = definePlugin({ name: "diary", factories: [], providers: [provide(TelemetryToken, () => telemetry)] });
  return { requests, runs, loads, telemetry, plugins: [plugin] };
}

const request = {
  entrypoint: "GRPC",
  method: "Predict",
  model: "m",
  version: 1n,
  signature: "serving_default",
  examples: undefined,
  code: "OK",
  start: expect.any(Number),
  milliseconds: expect.any(Number),
};

describe("gRPC", () => {
  test("an answered request is told with its model, version, signature and code, and its run too", async () => {
    const heard = diary();
    const { grpc } = await fakeServing(heard);
    await grpc.predict({ name: "m" }, { x });
    expect(heard.requests).toEqual([request]);
    const { method, model, version, signature } = request;
    expect(heard.runs).toEqual([{ method, model, version, signature, code: "OK", milliseconds: expect.any(Number) }]);
    expect(heard.requests[0]?.milliseconds).toBeGreaterThanOrEqual(heard.runs[0]?.milliseconds ?? Infinity);
  });

  test("a failing run has its code in both", async () => {
    const heard = diary();
    const run = async () => {
      throw new ServingError("RESOURCE_EXHAUSTED", "no");
    };
    const { grpc } = await fakeServing({ ...heard, run });
    await expect(grpc.predict({ name: "m" }, { x })).rejects.toThrow();
    expect(heard.requests).toEqual([{ ...request, code: "RESOURCE_EXHAUSTED" }]);
    expect(heard.runs).toMatchObject([{ code: "RESOURCE_EXHAUSTED" }]);
  });

  test("what is thrown unexpectedly is INTERNAL", async () => {
    const heard = diary();
    const run = async () => {
      throw new Error("oh");
    };
    const { grpc } = await fakeServing({ ...heard, run });
    await expect(grpc.predict({ name: "m" }, { x })).rejects.toThrow();
    expect(heard.requests).toMatchObject([{ code: "INTERNAL" }]);
    expect(heard.runs).toMatchObject([{ code: "INTERNAL" }]);
  });

  test("a model that is not there is told as asked for, without version; a signature that is not there is not told", async () => {
    const heard = diary();
    const { grpc } = await fakeServing(heard);
    await expect(grpc.predict({ name: "nobody" }, { x })).rejects.toThrow();
    await expect(grpc.predict({ name: "m", signature: "odd" }, { x })).rejects.toThrow();
    await expect(grpc.predict({ name: "" }, { x })).rejects.toThrow();
    const unknown = { ...request, version: undefined, signature: undefined };
    expect(heard.requests).toEqual([
      { ...unknown, model: "nobody", code: "NOT_FOUND" },
      { ...request, signature: undefined, code: "FAILED_PRECONDITION" },
      { ...unknown, model: "", code: "INVALID_ARGUMENT" },
    ]);
    expect(heard.runs).toEqual([]);
  });

  test("metadata and status are methods of their own", async () => {
    const heard = diary();
    const { grpc } = await fakeServing(heard);
    await grpc.metadata({ name: "m" });
    await grpc.status({ name: "m" });
    expect(heard.requests).toMatchObject([
      { method: "GetModelMetadata", model: "m", version: 1n, code: "OK" },
      { method: "GetModelStatus", model: "m", version: undefined, code: "OK" },
    ]);
  });
});

describe("REST", () => {
  test("requests are told as the rpcs they stand for", async () => {
    const heard = diary();
    const { url } = await fakeServing(heard);
    await fetch(`${url}/v1/models/m:predict`, { method: "POST", body: '{"inputs": [1, 2]}' });
    await fetch(`${url}/v1/models/m`);
    await fetch(`${url}/v1/models/m/metadata`);
    await fetch(`${url}/v1/models/nobody:predict`, { method: "POST", body: '{"inputs": [1, 2]}' });
    await fetch(`${url}/v1/models/m:odd`, { method: "POST" });
    expect(heard.requests).toEqual([
      { ...request, entrypoint: "REST" },
      { ...request, entrypoint: "REST", method: "GetModelStatus", version: undefined, signature: undefined },
      { ...request, entrypoint: "REST", method: "GetModelMetadata", signature: undefined },
      { ...request, entrypoint: "REST", model: "nobody", version: undefined, signature: undefined, code: "NOT_FOUND" },
      {
        ...request,
        entrypoint: "REST",
        method: undefined,
        model: "",
        version: undefined,
        signature: undefined,
        code: "INVALID_ARGUMENT",
      },
    ]);
    expect(heard.runs).toHaveLength(1);
  });

  test("a body over the limit is RESOURCE_EXHAUSTED", async () => {
    const heard = diary();
    const { url } = await fakeServing({ ...heard, rest: { maxBodySize: "1KiB" } });
    await fetch(`${url}/v1/models/m:predict`, { method: "POST", body: "x".repeat(2000) });
    expect(heard.requests).toMatchObject([{ method: "Predict", model: "m", code: "RESOURCE_EXHAUSTED" }]);
  });
});

test("each attempt to load is told", async () => {
  const heard = diary();
  let attempts = 0;
  const load = async () => {
    if (++attempts === 1) throw new ServingError("UNAVAILABLE", "not yet");
  };
  await fakeServing({ ...heard, load, config: { loading: { retries: 1, retryInterval: "1ms" } } });
  const attempt = { model: "m", version: 1n, uri: "fake:1", milliseconds: expect.any(Number) };
  expect(heard.loads).toEqual([
    { ...attempt, code: "UNAVAILABLE" },
    { ...attempt, code: "OK" },
  ]);
});

test("examples are counted, and their run has the method that asked", async () => {
  const { runs, telemetry } = diary();
  const servable: Servable = {
    engine: "fake",
    signatures: {
      r: {
        inputs: { x: { dtype: "float32", shape: [-1] } },
        outputs: { outputs: { dtype: "float32", shape: [-1] } },
      },
    },
    run: async ({ inputs }) => ({ outputs: inputs.x as NonNullable<typeof inputs.x> }),
    [Symbol.asyncDispose]: async () => {},
  };
  const event = newRequest("GRPC", "Regress");
  const route = { version: 2n, servable, wrapped: false, hold: () => () => {} };
  using lease = leaseOf("m", route, { onInternalError: () => {}, telemetry, event });
  const example = exampleOf({ x: { kind: "float", values: Float32Array.of(1) } });
  await lease.regress("r", [example, example, example], { signal: new AbortController().signal });
  expect(event).toMatchObject({ version: 2n, signature: "r", examples: 3 });
  expect(runs).toMatchObject([{ method: "Regress", model: "m", version: 2n, signature: "r", code: "OK" }]);
});
