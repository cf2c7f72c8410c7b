import { closedLoop, type Load } from "./closed-loop.js";
import { type Spread, spreadOf } from "./stats.js";

/** One side of a comparison: a call, answered and checked. */
export type Contender = { readonly name: string; readonly once: () => Promise<void> };

export type Pace = { readonly rounds: number; readonly milliseconds: number };

/** Of each figure the spread over the rounds. */
export type Result = { readonly [Figure in keyof Load]: Spread };

const FIGURES = ["perSecond", "p50", "p99", "cpu", "longestHold"] as const satisfies readonly (keyof Load)[];

/**
 * All contenders in each round, one after the other, every second round backwards: what disturbs the machine for a while
 * disturbs them alike. The first round warms up and is not counted.
 */
export async function interleave(
  contenders: readonly Contender[],
  callers: number,
  { rounds, milliseconds }: Pace,
): Promise<readonly Result[]> {
  const loads = contenders.map((): Load[] => []);
  for (let round = 0; round <= rounds; round++) {
    const order = contenders.map((_, i) => (round % 2 === 0 ? i : contenders.length - 1 - i));
    for (const i of order) {
      const load = await closedLoop(contenders[i]!.once, callers, round === 0 ? milliseconds / 2 : milliseconds);
      if (round > 0) loads[i]!.push(load);
    }
  }
  return loads.map((each) =>
    Object.fromEntries(FIGURES.map((figure) => [figure, spreadOf(each.map((load) => load[figure]))])),
  ) as unknown as readonly Result[];
}
