import type { Run } from "../harness/suite.js";
import { short, table } from "../harness/table.js";
import { type Compared, compare, type Settings } from "./compare.js";
import { models } from "./models.js";

const settings: Settings = { none: false, batching: { maxBatchSize: 64 } };

const HEADER = ["model", "asked", "batching", "p50 ms", "against none", "p99 ms"];

/** One caller, so that the runtime is idle whenever it asks: what batching adds to its latency. */
export async function costTable({ pace, progress }: Run) {
  const data: Record<string, readonly Compared[]> = {};
  const rows: string[][] = [];
  for (const [model, config] of Object.entries(models)) {
    for (const rest of [true, false]) {
      const asked = rest ? "over REST" : "in the process";
      progress(`${model}, one caller ${asked}`);
      const results = await compare(config, settings, { callers: 1, rest }, pace);
      data[`${model}, ${asked}`] = results;
      for (const { name, p50, p99 } of results) {
        const against = `${(p50.median / results[0]!.p50.median).toFixed(3)}x`;
        rows.push([model, asked, name, p50.median.toFixed(4), against, short(p99.median)]);
      }
    }
  }
  return { markdown: `## One caller at a time\n\n${table(HEADER, rows)}`, data };
}
