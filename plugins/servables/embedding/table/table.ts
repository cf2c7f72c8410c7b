import type { Logger } from "../../../../core/index.js";
import { openPool, type Pool } from "../../../runtimes/threads/index.js";
import { type Bags, combine } from "./bags.js";
import { gather } from "./gather.js";
import { type Matrix, type MatrixParts, openMatrix } from "./matrix.js";
import { type Search, scan } from "./scan.js";
import type { TableQuestion } from "./table.worker.js";
import { mergeRanked, type Ranked } from "./top-k.js";
import type { Warmth } from "./warmth.js";

/** A table that is served: small requests are answered here and now, others in threads. */
export interface Table extends AsyncDisposable {
  readonly matrix: Matrix;
  /** `rows` is given away. */
  gather(rows: Int32Array<ArrayBuffer>, signal: AbortSignal): Promise<Float32Array>;
  combine(bags: Bags, signal: AbortSignal): Promise<Float32Array>;
  /** Compares every row. */
  scan(search: Search, signal: AbortSignal): Promise<readonly Ranked[]>;
}

export type TableSetup = {
  readonly parts: MatrixParts;
  readonly warmth: Warmth;
  readonly threads: number;
  readonly log: Logger;
};

/** Numbers that are gathered on the event loop: about 50 us of work. */
export const MOST_INLINE = 16_384;
/** Products that are computed on the event loop: about 100 us of work. */
const MOST_INLINE_PRODUCTS = 65_536;
/** Products that one thread computes before it looks at other requests: about 0.3 s of work. */
const MOST_AT_ONCE = 2 ** 28;

const MODULE = new URL("./table.worker.js", import.meta.url);

/** Threads are started by the first request that needs them. Disposal ends them: no view of the memory is left in one. */
export function openTable({ parts, warmth, threads, log }: TableSetup): Table {
  const matrix = openMatrix(parts);
  const { rows: count, width } = matrix;
  const end = new AbortController();
  let pool: Promise<Pool<undefined>> | undefined;

  const ask = async <Value>(question: TableQuestion, signal: AbortSignal, give: readonly ArrayBuffer[] = []) => {
    if (!pool) {
      const opening: TableQuestion = { task: "open", parts };
      const opened = openPool<undefined>(
        { module: MODULE, what: "a thread of the table", size: threads, opening, log },
        end.signal,
      );
      pool = opened;
      // The next request tries again.
      opened.catch(() => {
        pool = undefined;
      });
    }
    return (await pool).ask<Value>(question, signal, give);
  };
  const isSmall = (rows: Int32Array) => rows.length * width <= MOST_INLINE && warmth.isWarm(rows);

  const scanSome = async (search: Search, signal: AbortSignal): Promise<readonly Ranked[]> => {
    const share = Math.ceil(count / threads);
    const starts = Array.from({ length: Math.ceil(count / share) }, (_, i) => i * share);
    const parts = await Promise.all(
      starts.map((from) =>
        ask<readonly Ranked[]>({ task: "scan", search, from, to: Math.min(count, from + share) }, signal),
      ),
    );
    return parts[0]!.map((_, query) =>
      mergeRanked(
        parts.map((part) => part[query]!),
        search.k,
      ),
    );
  };
  return {
    matrix,
    gather: async (rows, signal) => {
      if (isSmall(rows)) return gather(matrix, rows);
      const kept = rows.slice();
      const out = await ask<Float32Array>({ task: "gather", rows }, signal, [rows.buffer]);
      warmth.touched(kept);
      return out;
    },
    combine: async (bags, signal) => {
      if (isSmall(bags.rows)) return combine(matrix, bags);
      const out = await ask<Float32Array>({ task: "combine", bags }, signal);
      warmth.touched(bags.rows);
      return out;
    },
    scan: async (search, signal) => {
      const queries = search.queries.length / width;
      if (count * search.queries.length <= MOST_INLINE_PRODUCTS) return scan(matrix, search, 0, count);
      const step = Math.max(1, Math.floor((MOST_AT_ONCE * threads) / (count * width)));
      const ranked: Ranked[] = [];
      for (let at = 0; at < queries; at += step) {
        const some = { ...search, queries: search.queries.slice(at * width, (at + step) * width) };
        ranked.push(...(await scanSome(some, signal)));
      }
      return ranked;
    },
    [Symbol.asyncDispose]: async () => {
      end.abort();
      await (await pool?.catch(() => undefined))?.[Symbol.asyncDispose]();
    },
  };
}
