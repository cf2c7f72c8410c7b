import { cp, mkdir, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createServer, type Server, type TensorOf, type Tensors, tensor } from "salver";
import { builtins } from "salver/plugins";
import { recordingLogger } from "salver/testing";
import { expect, onTestFinished, test } from "vitest";
import { quickstart, workFolder } from "../../../e2e/support/config.js";
import { until } from "../../../support/core-fakes.js";
import { outcome } from "./support.js";

const model = join(quickstart, "models/half_plus_two/1");
const inputs = (values: readonly number[]): Tensors => ({
  x: tensor("float32", [values.length], Float32Array.from(values)),
});

async function predict({ frontend }: Server, name: string, values: readonly number[]) {
  using lease = frontend.lease({ name });
  const { y } = await lease.predict("", inputs(values), { signal: new AbortController().signal });
  return { version: lease.version, y: [...(y as TensorOf<"float32">).data] };
}

/** A server of half_plus_two as version 1 of `m`, and what puts a further version in place. */
async function serving(batching: Readonly<Record<string, unknown>>, file?: string) {
  const folder = await workFolder();
  onTestFinished(() => folder[Symbol.asyncDispose]());
  await mkdir(join(folder.path, "m"));
  const publish = async (version: number) => {
    const staging = join(folder.path, "staging");
    await cp(model, staging, { recursive: true });
    if (file !== undefined) await writeFile(join(staging, "batching_params.pbtxt"), file);
    await rename(staging, join(folder.path, "m", String(version)));
  };
  await publish(1);
  const log = recordingLogger();
  const source = { type: "filesystem", path: join(folder.path, "m"), poll: "20ms" };
  const server = await createServer(
    { models: { m: { source, batching } }, transports: [], loading: { retries: 0 } },
    { plugins: builtins, log },
  );
  onTestFinished(() => server.stop());
  await server.start();
  await server.settled;
  return { server, publish, log };
}

test("a real model answers concurrent requests as it answers single ones, also while versions are swapped", async () => {
  const { server, publish } = await serving({
    maxBatchSize: 16,
    timeout: "1ms",
    threads: 2,
    allowedBatchSizes: [4, 16],
  });
  const seen = new Set<bigint>();
  let answered = 0;
  let going = true;
  const client = async (id: number) => {
    for (let i = 0; going; i++) {
      const values = Array.from({ length: 1 + ((id + i) % 5) }, (_, at) => 1000 * id + i + at);
      const { version, y } = await predict(server, "m", values);
      expect(y).toEqual(values.map((value) => Math.fround(value / 2 + 2)));
      seen.add(version);
      answered++;
    }
  };
  const clients = Promise.all(Array.from({ length: 12 }, (_, id) => client(id)));
  try {
    for (const version of [2, 3]) {
      await publish(version);
      await Promise.race([until(() => seen.has(BigInt(version)), `version ${version}`), clients]);
    }
  } finally {
    going = false;
  }
  await clients;
  expect(answered).toBeGreaterThan(50);
  expect([...seen].sort()).toEqual([1n, 2n, 3n]);
});

test("a version's own file rules its batches; without one nothing is batched", async () => {
  const batching = { maxBatchSize: 2, perModelFile: "batching_params.pbtxt" };
  const own = await serving(batching, "max_batch_size { value: 3 } num_batch_threads { value: 1 }");
  expect((await predict(own.server, "m", [2, 4, 6])).y).toEqual([3, 4, 5]);
  expect(await outcome(predict(own.server, "m", [1, 2, 3, 4]))).toMatch(
    "INVALID_ARGUMENT: Task size 4 is larger than maximum input batch size 3",
  );
  const mixed = await serving({ ...batching, latencyTarget: "9ms" }, "batch_timeout_micros { value: 500 }");
  expect(mixed.server.frontend.status({ name: "m" })[0]?.message).toBe(
    "Invalid batching parameters in batching_params.pbtxt: timeout and latencyTarget exclude each other; leave out timeout to have batches follow the target",
  );
  expect(() => mixed.server.frontend.batches({ name: "m" })).toThrow(
    'no version of "m" is AVAILABLE, so no batch runs: 1 is END: Invalid batching parameters',
  );
  expect(own.server.frontend.batches({ name: "m" })).toHaveLength(1);
  const none = await serving(batching);
  expect((await predict(none.server, "m", [2, 4, 6])).y).toEqual([3, 4, 5]);
  expect(() => none.server.frontend.batches({ name: "m" })).toThrow(
    'the model "m" has batching, and its batcher groups nothing of version 1',
  );
  const said = none.log.lines.filter(({ message }) => message.includes("not batched"));
  expect(said.map(({ level, message }) => [level, message])).toEqual([
    ["info", "version 1 is not batched: its folder has no batching_params.pbtxt"],
  ]);
});

test.each([
  ["max_batch_size: 3", /Invalid batching parameters in batching_params.pbtxt: .*:1:/],
  ["max_batch_size { value: 0 }", /Invalid batching parameters in batching_params.pbtxt: .*max_batch_size/s],
  [
    "max_batch_size { value: 8 } allowed_batch_sizes: 4",
    /Last entry in allowed_batch_sizes must match max_batch_size; last entry was 4; expected 8/,
  ],
])("a version whose own file is wrong is not loaded: %s", async (file, text) => {
  const { server } = await serving({ perModelFile: "batching_params.pbtxt" }, file);
  const [status] = server.frontend.status({ name: "m" });
  expect([status?.state, status?.code]).toEqual(["END", "FAILED_PRECONDITION"]);
  expect(status?.message).toMatch(text);
});

test("contradictions are found before anything starts", async () => {
  await expect(serving({ maxBatchSize: 8, allowedBatchSizes: [4] })).rejects.toThrow(
    /models.m.batching.allowedBatchSizes: Last entry in allowedBatchSizes must match maxBatchSize/,
  );
});

test.each(["../x.pbtxt", "a/../../x.pbtxt", "/etc/x.pbtxt", ".."])(
  "a version's own file is inside its folder, not %s",
  async (perModelFile) => {
    await expect(serving({ perModelFile })).rejects.toThrow(/batching.perModelFile: .* leads out of it/);
  },
);
