import { StepProblem } from "../ops/op.js";
import { textOf } from "../text.js";

/** As many different values are counted. */
export const MOST_DISTINCT = 5_000_000;

export type Ranking = { readonly limit: number; readonly minCount: number; readonly without: readonly string[] };

/** How often each of many keys comes. */
export interface Frequencies {
  /** @throws StepProblem beyond MOST_DISTINCT different keys */
  add(key: Uint8Array): void;
  /** The most frequent first; those that come as often in falling order, as Keras ranks them. @throws StepProblem without any */
  ranked(ranking: Ranking): readonly string[];
}

const falling = (a: string, b: string) => (a < b ? 1 : a > b ? -1 : 0);

export function createFrequencies(): Frequencies {
  const counts = new Map<string, number>();
  return {
    add: (key) => {
      const text = textOf(key);
      const before = counts.get(text) ?? 0;
      if (before === 0 && counts.size >= MOST_DISTINCT) {
        throw new StepProblem(`the data has more than ${MOST_DISTINCT} different values here; hash them instead`);
      }
      counts.set(text, before + 1);
    },
    ranked: ({ limit, minCount, without }) => {
      for (const key of without) counts.delete(key);
      const kept = [...counts].filter(([, count]) => count >= minCount);
      if (kept.length === 0) throw new StepProblem(`no value comes ${minCount} times or more in the data`);
      kept.sort(([a, m], [b, n]) => n - m || falling(a, b));
      return kept.slice(0, limit).map(([key]) => key);
    },
  };
}
