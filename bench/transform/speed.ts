import type { Tensor } from "salver";
import { openModel } from "../harness/models.js";
import { median, spreadOf } from "../harness/stats.js";
import type { Run } from "../harness/suite.js";
import { short, table } from "../harness/table.js";
import type { Answer, Peer, Summary } from "./peer.js";
import type { Table } from "./table.js";

const HEADER = [
  "rows a request",
  "salver rows/s",
  "scikit-learn rows/s",
  "gain",
  "CPU us a row",
  "scikit-learn's",
  "most held ms",
];

/** Features that are numbers; behind them are those that are 0 or 1. */
const NUMBERS = 34;

function summary({ data, shape }: Tensor): Summary {
  const [rows = 0, width = 0] = shape;
  const values = data as Float32Array;
  const sums = new Array<number>(NUMBERS).fill(0);
  let ones = 0;
  for (let row = 0; row < rows; row++) {
    for (let i = 0; i < width; i++) {
      if (i < NUMBERS) sums[i]! += values[row * width + i]!;
      else ones += values[row * width + i]!;
    }
  }
  return { sums, ones };
}

/** @throws when the two sides do not have the same features */
function check(ours: Summary, theirs: Answer, rows: number): void {
  const close = (a: number, b: number) => Math.abs(a - b) <= 1e-4 * rows;
  const odd = ours.sums.findIndex((sum, i) => !close(sum, theirs.sums[i]!));
  if (odd >= 0) throw new Error(`feature ${odd}: the sum is ${ours.sums[odd]}, and scikit-learn's ${theirs.sums[odd]}`);
  if (ours.ones !== theirs.ones) throw new Error(`${ours.ones} ones, and scikit-learn has ${theirs.ones}`);
}

type Timed = { readonly milliseconds: number; readonly cpu: number; readonly held: number };

async function timed(work: () => Promise<unknown>): Promise<Timed> {
  let [last, held] = [performance.now(), 0];
  const timer = setInterval(() => {
    const now = performance.now();
    held = Math.max(held, now - last - 1);
    last = now;
  }, 1);
  const [start, before] = [performance.now(), process.cpuUsage()];
  await work();
  const { user, system } = process.cpuUsage(before);
  clearInterval(timer);
  return { milliseconds: performance.now() - start, cpu: (user + system) / 1000, held };
}

/** What each of several rounds came to. */
type Side = { readonly perSecond: number[]; readonly cpu: number[] };

function note(
  { perSecond, cpu }: Side,
  rows: number,
  taken: { readonly milliseconds: number; readonly cpu: number },
): void {
  perSecond.push((rows * 1000) / taken.milliseconds);
  cpu.push((taken.cpu * 1000) / rows);
}

const spreads = ({ perSecond, cpu }: Side) => ({ perSecond: spreadOf(perSecond), cpu: spreadOf(cpu) });

/** Requests of each size, both sides in turn. */
export async function speedTable(made: Table, path: string, peer: Peer | undefined, { full, progress }: Run) {
  await using model = await openModel({ path, servable: { type: "transform" } });
  const rows: string[][] = [];
  const data: Record<string, unknown> = {};
  for (const size of [1, 100, 10_000, made.rows]) {
    const inputs = made.batch(size);
    const first = summary((await model.run(inputs)).features!);
    if (peer) check(first, await peer.transform(size), size);
    const repeats = Math.max(1, Math.min(200, Math.floor(20_000 / size)));
    const [ours, theirs]: [Side, Side] = [
      { perSecond: [], cpu: [] },
      { perSecond: [], cpu: [] },
    ];
    const holds: number[] = [];
    for (let round = 0; round < (full ? 15 : 5); round++) {
      progress(`${size} rows, round ${round + 1}`);
      const taken = await timed(async () => {
        for (let i = 0; i < repeats; i++) await model.run(inputs);
      });
      note(ours, size * repeats, taken);
      holds.push(taken.held);
      if (peer) note(theirs, size, await peer.transform(size));
    }
    data[size] = { salver: spreads(ours), sklearn: spreads(theirs), held: spreadOf(holds) };
    const [a, b] = [median(ours.perSecond), median(theirs.perSecond)];
    const gain = peer ? `${(a / b).toFixed(2)}x` : "–";
    rows.push(
      [String(size), a, b, gain, median(ours.cpu), median(theirs.cpu), median(holds)].map((cell) =>
        typeof cell === "number" ? short(cell) : cell,
      ),
    );
  }
  return { markdown: `## Rows a second\n\n${table(HEADER, rows)}`, data };
}
