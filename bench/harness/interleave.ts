import { closedLoop, type Load } from "./closed-loop.js";
import { type Spread, spreadOf } from "./stats.js";

/** One side of a comparison: a call, answered and checked. */
export type Contender = { readonly name: string; readonly once: () => Promise<void> };

export type Pace = { readonly rounds: number; readonly milliseconds: number };

/** Of each figure the spread over the rounds. */
export type Result = { readonly [Figure in keyof Load]: Spread };

const FIGURES = ["perSecond", "p10", "p50", "p99", "cpu", "longestHold"] as const satisfies readonly (keyof Load)[];

/**
 * All contenders in each round, one after the other, every second round backwards: what disturbs the machine for a while
 * disturbs them alike. The first round warms up and is not counted.
 */
export async function interleave(
  contenders: readonly Contender[],
  callers: number,
  pace: Pace,
): Promise<readonly Result[]> {
  const once = (i: number, milliseconds: number) => closedLoop(contenders[i]!.once, callers, milliseconds);
  const loads = await takeTurns(contenders.length, pace, once);
  return loads.map((each) => spreads(each, FIGURES)) as readonly Result[];
}

/** By contender, what each of the rounds that count came to. */
export async function takeTurns<T>(
  contenders: number,
  { rounds, milliseconds }: Pace,
  once: (contender: number, milliseconds: number) => Promise<T>,
): Promise<readonly (readonly T[])[]> {
  const results = Array.from({ length: contenders }, (): T[] => []);
  for (let round = 0; round <= rounds; round++) {
    const order = results.map((_, i) => (round % 2 === 0 ? i : contenders - 1 - i));
    for (const i of order) {
      const result = await once(i, milliseconds);
      if (round > 0) results[i]!.push(result);
    }
  }
  return results;
}

/** Of each figure the spread over the rounds. */
export function spreads<F extends string>(
  rounds: readonly Readonly<Record<F, number>>[],
  figures: readonly F[],
): Readonly<Record<F, Spread>> {
  return Object.fromEntries(
    figures.map((figure) => [figure, spreadOf(rounds.map((round) => round[figure]))]),
  ) as Record<F, Spread>;
}
