import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { batchingOf } from "../../../cli/tensorflow-model-server/batching-file.js";
import { detailOf } from "../../../cli/tensorflow-model-server/text-file.js";
import { options } from "../../../plugins/batchers/shared/options.js";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "salver-batching-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function read(text: string, more = {}) {
  const file = join(folder, "batching.txt");
  await writeFile(file, text);
  return batchingOf({ enable_batching: true, batching_parameters_file: file, ...more });
}

test("flags that do not speak of batching leave a config's own", async () => {
  expect(await batchingOf({})).toBeUndefined();
  expect(await batchingOf({ enable_batching: false, batching_parameters_file: "" })).toBe(false);
});

test("without a file TensorFlow Serving's defaults", async () => {
  const batching = await batchingOf({ enable_batching: true, batching_parameters_file: "" });
  expect(batching).toEqual({ type: "shared", pool: "model_server_batch_threads" });
});

test("every parameter of a file arrives", async () => {
  const batching = await read(`
    max_batch_size { value: 128 }  batch_timeout_micros { value: 1500 }  max_enqueued_batches { value: 1000000 }
    num_batch_threads { value: 8 }  thread_pool_name { value: "mine" }  allowed_batch_sizes: 8  allowed_batch_sizes: 64
    pad_variable_length_inputs: true  enable_large_batch_splitting { value: true }  max_execution_batch_size { value: 64 }
  `);
  if (!batching) throw new Error("no batching");
  const { type, ...written } = batching;
  expect(type).toBe("shared");
  expect(options.parse(written)).toEqual({
    // What the file has no word for.
    ...options.parse({}),
    maxBatchSize: 128,
    timeout: 1.5,
    maxEnqueuedBatches: 1_000_000,
    threads: 8,
    pool: "mine",
    allowedBatchSizes: [8, 64],
    padVariableLengthInputs: true,
    enableLargeBatchSplitting: true,
    maxExecutionBatchSize: 64,
  });
});

test("an empty file leaves all to the defaults; versions' own files are looked for where a flag says so", async () => {
  expect(await read("")).toEqual({ type: "shared" });
  expect(await read("", { enable_per_model_batching_parameters: true })).toEqual({
    type: "shared",
    perModelFile: "batching_params.pbtxt",
  });
});

test("a mistake in the file is told with its place", async () => {
  const error = await read("max_batch_size: 3").catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ code: "INVALID_ARGUMENT" });
  expect(detailOf(error)).toMatch(/batching.txt:1:/);
});
