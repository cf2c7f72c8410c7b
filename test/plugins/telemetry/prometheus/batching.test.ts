import { fileURLToPath } from "node:url";
import { createServer, tensor } from "salver";
import { builtins } from "salver/plugins";
import { afterAll, beforeAll, expect, test } from "vitest";

const path = fileURLToPath(new URL("../../../../examples/quickstart/models/half_plus_two/1", import.meta.url));
let server: Awaited<ReturnType<typeof createServer>>;
let page: string;

beforeAll(async () => {
  server = await createServer(
    {
      models: {
        m: {
          path,
          batching: { maxBatchSize: 8, allowedBatchSizes: [4, 8], timeout: "20ms", pool: "p" },
          warmup: false,
        },
      },
      transports: [{ type: "rest", port: 0, host: "127.0.0.1" }],
    },
    { plugins: builtins },
  );
  const [rest] = await server.start();
  await server.settled;
  // 1 + 1 + 1 rows wait together and are padded to 4; 8 rows fill a batch at once.
  const ask = async (rows: number) => {
    using lease = server.frontend.lease({ name: "m" });
    const x = tensor("float32", [rows], new Float32Array(rows));
    await lease.predict("", { x }, { signal: new AbortController().signal });
  };
  await Promise.all([ask(1), ask(1), ask(1)]);
  await ask(8);
  page = await (await fetch(`http://127.0.0.1:${rest?.port}/monitoring/prometheus/metrics`)).text();
}, 30_000);

afterAll(() => server.stop());

const value = (sample: string) =>
  Number(
    page
      .split("\n")
      .find((line) => line.startsWith(`${sample} `))
      ?.split(" ")[1],
  );

test("batches are counted by TensorFlow Serving's names", () => {
  const name = (end: string) => `:tensorflow:serving:batching_session:${end}`;
  expect(value(name("wrapped_run_count{}"))).toBe(2);
  expect(value(name('queuing_latency_count{thread_pool_name="p"}'))).toBe(4);
  expect(value(name("input_batch_size_sum{}"))).toBe(11);
  expect(value(name("input_batch_size_count{}"))).toBe(4);
  expect(value(name("processed_batch_size_sum{}"))).toBe(12);
  expect(value(name('padding_size_sum{execution_batch_size="4"}'))).toBe(1);
  expect(value(name('padding_size_sum{execution_batch_size="8"}'))).toBe(0);
});

test("and by clean ones", () => {
  const labels = 'model="m",version="1",signature="serving_default"';
  expect(value(`salver_batches_total{${labels},closed="timeout"}`)).toBe(1);
  expect(value(`salver_batches_total{${labels},closed="full"}`)).toBe(1);
  expect(value(`salver_batch_padding_rows_total{${labels}}`)).toBe(1);
  expect(value(`salver_batch_run_duration_seconds_count{${labels},code="OK"}`)).toBe(2);
  expect(value('salver_batch_rows_sum{pool="p"}')).toBe(11);
  expect(value('salver_batch_wait_seconds_count{pool="p"}')).toBe(4);
});
