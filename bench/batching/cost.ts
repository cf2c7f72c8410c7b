import type { Run } from "../harness/suite.js";
import { short, table } from "../harness/table.js";
import { type Compared, compare, type Settings } from "./compare.js";
import { models } from "./models.js";

const settings: Settings = { none: false, batching: { maxBatchSize: 64 } };

const HEADER = ["model", "batching", "p50 ms", "against none", "p99 ms"];

/** One caller, so that the runtime is idle whenever it asks: what batching adds to its latency. */
export async function costTable({ pace, progress }: Run) {
  const data: Record<string, readonly Compared[]> = {};
  for (const [name, config] of Object.entries(models)) {
    progress(`${name}, one caller`);
    data[name] = await compare(config, settings, 1, pace);
  }
  const rows = Object.entries(data).flatMap(([model, results]) =>
    results.map(({ name, p50, p99 }) => [
      model,
      name,
      p50.median.toFixed(4),
      `${(p50.median / results[0]!.p50.median).toFixed(3)}x`,
      short(p99.median),
    ]),
  );
  return { markdown: `## One caller at a time\n\n${table(HEADER, rows)}`, data };
}
