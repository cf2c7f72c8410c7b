import { predict } from "../support/rest.js";
import type { Events } from "./events.js";

/** What readers saw while the version changed. */
export type Traffic = {
  readonly requests: number;
  readonly failed: readonly string[];
  /** Answers of each version, by the one that the scores are of. */
  readonly of: readonly number[];
  /** Answers that no version alone would have given. */
  readonly mixed: number;
  /** Milliseconds. */
  readonly p50: number;
  readonly p99: number;
};

const same = (a: readonly number[], b: readonly number[]) => a.every((score, at) => Math.abs(score - b[at]!) < 1e-5);

/** Readers who ask the same again and again until `end`; what each version answers is told afterwards. */
export function readers(rest: string, events: Events, callers: number) {
  const latencies: number[] = [];
  const failed: string[] = [];
  const seen: (readonly number[])[] = [];
  let going = true;
  const reader = async () => {
    while (going) {
      const start = performance.now();
      try {
        const score = await predict<number[]>(rest, "click", events);
        latencies.push(performance.now() - start);
        seen.push(score);
      } catch (error) {
        failed.push(String(error));
      }
    }
  };
  const all = Array.from({ length: callers }, reader);
  return {
    async end(answers: readonly (readonly number[])[]): Promise<Traffic> {
      going = false;
      await Promise.all(all);
      latencies.sort((a, b) => a - b);
      const of = answers.map((answer) => seen.filter((scores) => same(scores, answer)).length);
      const quantile = (q: number) => latencies[Math.floor(q * (latencies.length - 1))] ?? Number.NaN;
      return {
        requests: seen.length + failed.length,
        failed,
        of,
        mixed: seen.length - of.reduce((sum, count) => sum + count, 0),
        p50: quantile(0.5),
        p99: quantile(0.99),
      };
    },
  };
}
