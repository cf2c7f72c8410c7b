import { type Pace, takeTurns } from "../harness/interleave.js";
import { type Spread, spreadOf } from "../harness/stats.js";

/** One way to do it: the values read, or the bytes written, which tell whether it was done right. */
export type Runner = {
  readonly name: string;
  readonly run: () => ArrayLike<number> | Promise<ArrayLike<number>>;
};

export type Race = {
  readonly what: string;
  readonly size: string;
  /** What reading is to give; written bytes are left to the tests. */
  readonly expected?: ArrayLike<number>;
  readonly runners: readonly Runner[];
};

export type Raced = {
  readonly what: string;
  readonly size: string;
  /** Microseconds a run, by runner. */
  readonly us: Readonly<Record<string, Spread>>;
};

/** @throws when one reads other values than it should */
export async function race({ what, size, expected, runners }: Race, pace: Pace): Promise<Raced> {
  for (const { name, run } of runners) {
    const values = await run();
    if (expected && !same(values, expected)) throw new Error(`${name}, ${what}, ${size}: wrong values`);
  }
  const rounds = await takeTurns(runners.length, pace, (i, milliseconds) => once(runners[i]!, milliseconds));
  return { what, size, us: Object.fromEntries(runners.map(({ name }, i) => [name, spreadOf(rounds[i]!)])) };
}

function same(values: ArrayLike<number>, expected: ArrayLike<number>): boolean {
  if (values.length !== expected.length) return false;
  for (let i = 0; i < expected.length; i++) if (values[i] !== expected[i]) return false;
  return true;
}

/** Runs between two looks at the clock. */
const AT_ONCE = 8;

async function once({ run }: Runner, milliseconds: number): Promise<number> {
  const start = performance.now();
  for (let runs = 0; ; ) {
    for (let i = 0; i < AT_ONCE; i++) {
      const result = run();
      if (result instanceof Promise) await result;
    }
    runs += AT_ONCE;
    const took = performance.now() - start;
    if (took >= milliseconds) return (took * 1000) / runs;
  }
}
