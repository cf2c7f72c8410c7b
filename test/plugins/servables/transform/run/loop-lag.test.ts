import { monitorEventLoopDelay } from "node:perf_hooks";
import { strings, type Tensors, tensor } from "salver";
import { expect, it } from "vitest";
import { openText, run, specOf } from "../support/open.js";

const ROWS = 60_000;

const spec = specOf(
  "n: { dtype: float32, shape: [-1, 20] }, s: string",
  "op: log1p, from: n, to: logged",
  "op: hash, from: s, to: h, buckets: 100",
  "op: normalize-text, from: s, to: plain, unicode: NFKC, punctuation: remove",
  "op: split, from: plain, to: words, length: 8",
  "op: ngrams, from: words, to: grams, widths: [1, 2]",
);

const inputs: Tensors = {
  n: tensor("float32", [ROWS, 20], new Float32Array(ROWS * 20).fill(2)),
  s: strings(Array.from({ length: ROWS }, (_, i) => `The quick, brown fox no. ${i} jumps`)),
};

it("a large batch: the event loop goes on", { timeout: 60_000 }, async () => {
  await using servable = await openText(spec);
  await run(servable, inputs);
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  const start = performance.now();
  await run(servable, inputs);
  const took = performance.now() - start;
  delay.disable();
  const [p50, p99, max] = [delay.percentile(50) / 1e6, delay.percentile(99) / 1e6, delay.max / 1e6];
  console.log(
    `${ROWS} rows took ${took.toFixed(0)} ms; lag p50 ${p50.toFixed(1)} p99 ${p99.toFixed(1)} max ${max.toFixed(1)} ms`,
  );
  // Not cut into slices, the batch would hold the loop for all of it.
  expect(max / took).toBeLessThan(0.15);
  expect(p50 / took).toBeLessThan(0.02);
});

it("a batch that is cancelled stops between two slices", async () => {
  await using servable = await openText(spec);
  const end = new AbortController();
  const running = run(servable, inputs, end.signal);
  setImmediate(() => end.abort());
  await expect(running).rejects.toMatchObject({ code: "CANCELLED" });
});
