import type { Run } from "../harness/suite.js";
import { short, table } from "../harness/table.js";
import { type Compared, compare, type Settings } from "./compare.js";
import { models } from "./models.js";

const CALLERS = 64;

const settings: Settings = {
  none: false,
  "up to 32": { maxBatchSize: 32 },
  "up to 32, timeout 1 ms": { maxBatchSize: 32, timeout: "1ms" },
  "up to 64": { maxBatchSize: 64 },
  "target 10 ms": { maxBatchSize: 64, latencyTarget: "10ms" },
};

const HEADER = ["model", "batching", "rows/s", "gain", "p50 ms", "p99 ms", "CPU us a row"];

/** Many callers of one row each: what batching gains over no batching. */
export async function gainTable({ pace, progress }: Run) {
  const data: Record<string, readonly Compared[]> = {};
  for (const [name, config] of Object.entries(models)) {
    progress(`${name}, ${CALLERS} callers`);
    data[name] = await compare(config, settings, CALLERS, pace);
  }
  const rows = Object.entries(data).flatMap(([model, results]) =>
    results.map(({ name, perSecond, p50, p99, cpu }) => [
      model,
      name,
      short(perSecond.median),
      `${(perSecond.median / results[0]!.perSecond.median).toFixed(2)}x`,
      short(p50.median),
      short(p99.median),
      short(cpu.median),
    ]),
  );
  const why =
    "Batches of up to half the callers' requests let one half be run while the other is answered and asks again; where one " +
    "batch takes all, the runtime and the callers wait for each other by turns.";
  return { markdown: `## ${CALLERS} callers, one row a request\n\n${table(HEADER, rows)}\n\n${why}`, data };
}
