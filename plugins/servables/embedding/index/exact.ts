import type { Logger } from "../../../../core/index.js";
import { lazily } from "../native/lazily.js";
import { openNativeNearest } from "../native/nearest.js";
import type { Metric, Search } from "../table/scan.js";
import { MOST_INLINE_PRODUCTS, type Table } from "../table/table.js";
import type { Ranked } from "../table/top-k.js";

/** Finds the very nearest rows. */
export interface ExactSearch extends AsyncDisposable {
  find(search: Search, signal: AbortSignal): Promise<readonly Ranked[]>;
}

/**
 * Products in float32 propose a few rows more than are wanted, which are compared in float64. Where the last one wanted is
 * not clear of all rows that were not proposed, by more than float32 can be wrong, every row is compared in float64. So
 * ids, scores and the order of ties are always those of float64.
 */
export function exactSearch(table: Table, metric: Metric, log: Logger): ExactSearch {
  const { matrix } = table;
  const { rows: size, width } = matrix;
  const end = new AbortController();
  const native = lazily(async () => openNativeNearest(matrix, metric, await table.terms(metric, end.signal), log), log);

  const scanFor = async (search: Search, queries: readonly number[], signal: AbortSignal) => {
    const numbers = new Float32Array(queries.length * width);
    for (const [i, query] of queries.entries()) {
      numbers.set(search.queries.subarray(query * width, (query + 1) * width), i * width);
    }
    return table.scan({ ...search, queries: numbers }, signal);
  };
  return {
    find: async (search, signal) => {
      if (size * search.queries.length <= MOST_INLINE_PRODUCTS) return table.scan(search, signal);
      const proposer = await native.get(signal);
      if (!proposer) return table.scan(search, signal);
      const candidates = await proposer.find(search, table.isResident(), signal);
      table.wasRead();
      const ranked = [
        ...(await table.rescore(
          search,
          candidates.map(({ rows }) => rows),
          signal,
        )),
      ];
      const unclear = ranked.flatMap(({ scores }, i) =>
        scores[Math.min(search.k, size) - 1]! > candidates[i]!.bar ? [] : [i],
      );
      if (unclear.length === 0) return ranked;
      const scanned = await scanFor(search, unclear, signal);
      for (const [i, query] of unclear.entries()) ranked[query] = scanned[i]!;
      return ranked;
    },
    [Symbol.asyncDispose]: async () => {
      end.abort();
      await native[Symbol.asyncDispose]();
    },
  };
}
