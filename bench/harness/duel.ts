import { type Pace, spreads, takeTurns } from "./interleave.js";
import type { Bytes, Side } from "./side.js";
import type { Spread } from "./stats.js";
import { short } from "./table.js";

const FIGURES = ["perSecond", "p50", "p99", "cpu"] as const;
export type Figure = (typeof FIGURES)[number];

export type Measured = Readonly<Record<Figure, Spread>> & {
  readonly name: string;
  /** Replies of all rounds that were not the one wanted. */
  readonly bad: number;
  readonly bytes?: Bytes;
};

/** Sides under load in turns. They are closed afterwards. */
export async function duel(sides: readonly Side[], pace: Pace): Promise<readonly Measured[]> {
  try {
    const rounds = await takeTurns(sides.length, pace, (i, milliseconds) => sides[i]!.turn(milliseconds));
    return sides.map(({ name, bytes }, i) => ({
      name,
      ...spreads(rounds[i]!, FIGURES),
      bad: rounds[i]!.reduce((sum, { bad }) => sum + bad, 0),
      ...(bytes && { bytes }),
    }));
  } finally {
    for (const side of sides) await side[Symbol.asyncDispose]();
  }
}

/** Cells of a table, under these headings. */
export const MEASURED_HEADER = ["requests/s", "p50 ms", "p99 ms", "CPU us a call", "bad replies"];
export const measuredCells = ({ perSecond, p50, p99, cpu, bad }: Measured): readonly string[] => [
  ...[perSecond, p50, p99, cpu].map(({ median }) => short(median)),
  String(bad),
];
