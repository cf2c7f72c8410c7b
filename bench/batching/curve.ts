import type { Line } from "../harness/chart.js";
import type { Load } from "../harness/closed-loop.js";
import type { Run } from "../harness/suite.js";
import { type Compared, compare, type Settings } from "./compare.js";
import { models } from "./models.js";

const CALLERS = 64;
const MODEL = "mnist, onnxruntime";
const TIMEOUTS = ["0ms", "0.5ms", "1ms", "2ms", "5ms"];

type Point = { readonly timeout: string; readonly size: number; readonly compared: Compared };

function linesOf(points: readonly Point[], figure: keyof Load): readonly Line[] {
  return TIMEOUTS.map((timeout) => ({
    name: timeout === "0ms" ? "no timeout" : `timeout ${timeout}`,
    points: points
      .filter((point) => point.timeout === timeout)
      .map(({ size, compared }) => [size, compared[figure].median] as const),
  }));
}

/** Throughput and latency over the largest batch size, a line for each timeout. */
export async function measureCurve({ full, pace, progress }: Run) {
  const sizes = full ? [1, 2, 4, 8, 16, 32, 64, 128] : [1, 4, 16, 32, 64];
  const points: Point[] = [];
  for (const size of sizes) {
    progress(`${MODEL}, batches of up to ${size}`);
    const settings: Settings = Object.fromEntries(
      TIMEOUTS.map((timeout) => [timeout, { maxBatchSize: size, timeout, maxEnqueuedBatches: CALLERS }]),
    );
    const results = await compare(models[MODEL]!, settings, CALLERS, pace);
    points.push(...results.map((compared) => ({ timeout: compared.name, size, compared })));
  }
  const x = "largest batch, rows";
  return {
    markdown: `## Batch size and timeout\n\n${MODEL}, ${CALLERS} callers of one row; see the pictures.`,
    charts: {
      "batching-throughput": { title: `${MODEL}: rows a second`, x, y: "rows/s", lines: linesOf(points, "perSecond") },
      "batching-latency": { title: `${MODEL}: p99 latency`, x, y: "ms", lines: linesOf(points, "p99") },
    },
    data: points.map(({ timeout, size, compared: { name: _, ...figures } }) => ({ timeout, size, ...figures })),
  };
}
