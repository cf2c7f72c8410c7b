import { setImmediate } from "node:timers/promises";
import type { Chart } from "../harness/chart.js";
import { type Contender, interleave, type Result } from "../harness/interleave.js";
import type { Run, Suite } from "../harness/suite.js";
import { short, table } from "../harness/table.js";
import { networks } from "../models/catalogue.js";
import { openEngines } from "./contenders.js";

const HEADER = [
  "model",
  "rows",
  "in flight",
  "engine",
  "runs/s",
  "p50 ms",
  "p99 ms",
  "CPU us a run",
  "loop held at most ms",
];

const slots = (full: boolean): readonly (readonly [network: string, rows: number])[] => [
  ["half_plus_two", 1],
  ["mnist", 1],
  ["mnist", 32],
  ["deepfm", 200],
  ...(full
    ? ([
        ["mnist", 256],
        ["deepfm", 1],
        ["deepfm", 1000],
        ["image", 1],
      ] as const)
    : []),
];

type Row = Result & {
  readonly network: string;
  readonly rows: number;
  readonly callers: number;
  readonly name: string;
};

/** Each call in a turn of the loop, as from a socket: callers who only ever wait for each other would hold it for good. */
const inTurns = ({ name, once }: Contender): Contender => ({
  name,
  once: async () => {
    await once();
    await setImmediate();
  },
});

const cellsOf = ({ network, rows, callers, name, ...figures }: Row): readonly string[] => [
  network,
  String(rows),
  String(callers),
  name,
  short(figures.perSecond.median),
  // Microseconds matter here.
  figures.p50.median.toFixed(4),
  figures.p99.median.toFixed(4),
  short(figures.cpu.median),
  short(figures.longestHold.median),
];

function chartOf(rows: readonly Row[]): Chart {
  const own = rows.filter((row) => row.network === "mnist" && row.rows === 1);
  const lines = [...new Set(own.map(({ name }) => name))].map((name) => ({
    name,
    points: own.filter((row) => row.name === name).map((row) => [row.callers, row.perSecond.median] as const),
  }));
  return { title: "mnist, batch 1: runs a second", x: "runs in flight", y: "runs/s", lines };
}

export const engines: Suite = {
  name: "engines",
  question: "What does each engine make of the same network, and how long does it hold the event loop?",
  async run({ full, pace, progress }: Run) {
    const all = await networks();
    const rows: Row[] = [];
    const skipped = new Map<string, string>();
    for (const [network, count] of slots(full)) {
      const contenders = await openEngines(all.find(({ name }) => name === network)!, count);
      try {
        for (const [name, reason] of contenders.skipped) skipped.set(name, reason);
        for (const callers of full ? [1, 4, 16, 64] : [1, 16]) {
          progress(`${network}, batch ${count}, ${callers} in flight`);
          const results = await interleave(contenders.open.map(inTurns), callers, pace);
          rows.push(
            ...results.map((each, i) => ({ ...each, network, rows: count, callers, name: contenders.open[i]!.name })),
          );
        }
      } finally {
        await contenders[Symbol.asyncDispose]();
      }
    }
    const absent = [...skipped].map(([name, reason]) => `\n\nSkipped ${name}: ${reason}`).join("");
    return {
      markdown: `In this process, without a transport; with one thread for an operator.\n\n${table(HEADER, rows.map(cellsOf))}${absent}`,
      charts: { "engines-mnist": chartOf(rows) },
      data: { rows, skipped: Object.fromEntries(skipped) },
    };
  },
};
