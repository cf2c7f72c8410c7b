import { type Pace, spreads, takeTurns } from "./interleave.js";
import { type Asked, ask, type Protocol, type Question } from "./question.js";
import type { Service } from "./service.js";
import type { Spread } from "./stats.js";

/** One side of a comparison between servers. */
export type Side = {
  readonly name: string;
  readonly service: Service;
  readonly protocol: Protocol;
  readonly question: Question;
};

const FIGURES = ["perSecond", "p50", "p99", "cpu"] as const;

export type Measured = Readonly<Record<(typeof FIGURES)[number], Spread>> & {
  readonly name: string;
  /** Replies of all rounds that were not the one wanted. */
  readonly bad: number;
  readonly bytes: Asked["bytes"];
};

const FIRST_BURST = 20;

/** Servers under the same load in turns. CPU is microseconds a call of the server's processes. */
export async function duel(sides: readonly Side[], callers: number, pace: Pace): Promise<readonly Measured[]> {
  const asked: Asked[] = [];
  try {
    for (const { service, protocol, question } of sides) asked.push(await ask(service, protocol, question));
    const rates = sides.map(() => 0);
    let bad = sides.map(() => 0);
    const turn = async (i: number, milliseconds: number) => {
      const { load } = asked[i]!;
      rates[i] ||= await rateOf(asked[i]!, callers, milliseconds);
      const { child } = sides[i]!.service;
      const before = child.cpu();
      const burst = await load.burst(Math.round((rates[i]! * milliseconds) / 1000), callers);
      bad = bad.with(i, bad[i]! + burst.bad);
      rates[i] = burst.perSecond;
      return { ...burst, cpu: (child.cpu() - before) / burst.requests };
    };
    const rounds = await takeTurns(sides.length, pace, turn);
    return sides.map(({ name }, i) => ({
      ...spreads(rounds[i]!, FIGURES),
      name,
      bad: bad[i]!,
      bytes: asked[i]!.bytes,
    }));
  } finally {
    for (const { load } of asked) await load[Symbol.asyncDispose]();
  }
}

/** Requests a second, by bursts that double until they last. */
async function rateOf({ load }: Asked, callers: number, milliseconds: number): Promise<number> {
  for (let requests = FIRST_BURST; ; requests *= 2) {
    const { perSecond } = await load.burst(requests, callers);
    if ((requests * 1000) / perSecond > milliseconds / 4) return perSecond;
  }
}
