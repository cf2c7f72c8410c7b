import {
  type Config,
  createServer,
  definePlugin,
  type Plugin,
  provide,
  type RunEvent,
  ServingError,
  silentTelemetry,
  TelemetryToken,
  tensor,
  type VersionEvent,
  type Warmup,
  warmup,
} from "salver";
import { expect, onTestFinished, test } from "vitest";
import { z } from "zod";
import availability from "../../../plugins/policies/availability-preserving/index.js";
import { exampleOf } from "../../../protos/example/encode.js";
import { fakePlugin, until } from "../../support/core-fakes.js";

/** A warm-up `type` that does as the test says. */
const warming = (run: Warmup["run"], type = "scripted"): Plugin =>
  definePlugin({
    name: `${type}-warmup`,
    factories: [
      warmup({ type, description: "For tests.", options: z.strictObject({}), example: {}, create: () => ({ run }) }),
    ],
  });

async function serving(
  plugin: Plugin,
  fake = fakePlugin(),
  model: object = { warmup: "scripted" },
  { plugins = [], ...config }: Partial<Config> & { readonly plugins?: readonly Plugin[] } = {},
) {
  const server = await createServer(
    {
      models: { m: { source: "scripted", servable: "fake", ...model } },
      transports: [],
      loading: { retries: 1, retryInterval: "1ms" },
      ...config,
    },
    { plugins: [fake.plugin, availability, plugin, ...plugins] },
  );
  onTestFinished(() => server.stop());
  const events: VersionEvent[] = [];
  server.events.subscribe((event) => events.push(event));
  await server.start();
  return { server, events, fake, status: () => server.frontend.status({ name: "m" })[0]! };
}

test("a version warms up loaded, still LOADING and out of reach", async () => {
  const seen: unknown[] = [];
  const { server, events } = await serving(
    warming(async (target, version) => {
      seen.push(version, Object.keys(target.signatures), events.at(-1)?.state);
      expect(() => server.frontend.lease({ name: "m" })).toThrow("Servable not found for request: Latest(m)");
    }),
  );
  await server.settled;
  expect(seen).toEqual([{ model: "m", version: 1n, path: "/fake/1" }, ["serving_default"], "LOADING"]);
  expect(events.map(({ state }) => state)).toEqual(["START", "LOADING", "AVAILABLE"]);
});

test("its requests get the checks of any other", async () => {
  const { server, status } = await serving(
    warming(async (target, _version, signal) => {
      await target.predict("", {}, { signal });
    }),
  );
  await server.settled;
  expect(status()).toMatchObject({ state: "END", code: "INVALID_ARGUMENT" });
  expect(status().message).toContain("input size does not match signature");
});

test.each([
  [
    true,
    "Expected classification signature method_name to be tensorflow/serving/classify. Was: tensorflow/serving/predict",
  ],
  [false, "No classification inputs found in SignatureDef"],
])("so does signatures.checkMethods: %s", async (checkMethods, message) => {
  const { server, status } = await serving(
    warming(async (target, _version, signal) => {
      await target.classify("", [exampleOf({})], { signal });
    }),
    fakePlugin(),
    { warmup: "scripted" },
    { signatures: { checkMethods } },
  );
  await server.settled;
  expect(status()).toMatchObject({ state: "END", code: "INVALID_ARGUMENT" });
  expect(status().message).toContain(message);
});

test("its runs count as runs of what was asked, and as no requests", async () => {
  const runs: RunEvent[] = [];
  const requests: unknown[] = [];
  const listening = definePlugin({
    name: "listening",
    factories: [],
    providers: [
      provide(TelemetryToken, () => ({
        ...silentTelemetry,
        runEnded: (event) => runs.push(event),
        requestEnded: (event) => requests.push(event),
      })),
    ],
  });
  const { server } = await serving(
    warming(async (target, _version, signal) => {
      await target.predict("", { x: tensor("float32", [0], new Float32Array()) }, { signal });
    }),
    fakePlugin(),
    { warmup: "scripted" },
    { plugins: [listening] },
  );
  await server.settled;
  const run = { method: "Predict", model: "m", version: 1n, signature: "serving_default", code: "OK" };
  expect(runs).toEqual([{ ...run, milliseconds: expect.any(Number) }]);
  expect(requests).toEqual([]);
});

test("a warm-up that fails is an attempt that fails: unloaded and tried again", async () => {
  let runs = 0;
  const { server, fake, status } = await serving(
    warming(async () => {
      if (++runs === 1) throw new ServingError("DATA_LOSS", "not yet");
    }),
  );
  await server.settled;
  expect(fake.diary).toEqual(["load 1", "dispose 1", "load 1"]);
  expect(status()).toMatchObject({ state: "AVAILABLE", code: "OK" });
});

test("one that keeps failing ends the version with its message", async () => {
  const { server, fake, status } = await serving(
    warming(async () => {
      throw new ServingError("DATA_LOSS", "spoilt");
    }),
  );
  await server.settled;
  expect(fake.diary).toEqual(["load 1", "dispose 1", "load 1", "dispose 1"]);
  expect(status()).toMatchObject({ state: "END", code: "DATA_LOSS", message: "spoilt" });
});

test("a version is not unloaded while a request of its failed warm-up still runs", async () => {
  let release = () => {};
  const gate = new Promise<void>((resolve) => {
    release = resolve;
  });
  const diary: string[] = [];
  const fake = fakePlugin({
    run: async () => {
      await gate;
      fake.diary.push("run ended");
      return {};
    },
  });
  const { server } = await serving(
    warming(async (target) => {
      const x = tensor("float32", [0], new Float32Array());
      void Promise.resolve(target.predict("", { x }, { signal: AbortSignal.timeout(60_000) })).catch(() => {});
      diary.push("gave up");
      throw new ServingError("UNIMPLEMENTED", "no more of this");
    }),
    fake,
  );
  await until(() => diary.length === 1);
  await new Promise((resolve) => setTimeout(resolve, 5));
  expect(fake.diary).toEqual(["load 1"]);
  release();
  await server.settled;
  expect(fake.diary).toEqual(["load 1", "run ended", "dispose 1"]);
});

test.each<[string, object, number]>([
  ["nothing", {}, 1],
  ["false", { warmup: false }, 0],
  ["a list with it twice", { warmup: ["tensorflow", { type: "tensorflow" }] }, 2],
])("where the type tensorflow is installed, a config that says %s", async (_what, model, times) => {
  let runs = 0;
  const count = async () => {
    runs++;
  };
  const { server } = await serving(warming(count, "tensorflow"), fakePlugin(), model);
  await server.settled;
  expect(runs).toBe(times);
});

test("a type that is not installed is a problem of the config, at its place", async () => {
  await expect(
    serving(
      warming(async () => {}),
      fakePlugin(),
      { warmup: ["scripted", "scripte"] },
    ),
  ).rejects.toThrow('config models.m.warmup[1]: no warmup "scripte" is installed (did you mean "scripted"?)');
  await expect(
    serving(
      warming(async () => {}),
      fakePlugin(),
      { requestLog: { type: "disk" } },
    ),
  ).rejects.toThrow('config models.m.requestLog.type: no request-log "disk" is installed');
  await expect(
    serving(
      warming(async () => {}),
      fakePlugin(),
      { requestLog: { type: "disk", samplingRate: 2 } },
    ),
  ).rejects.toThrow("config models.m.requestLog");
});
