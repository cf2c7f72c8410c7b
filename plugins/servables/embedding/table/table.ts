import type { Caller, Logger, MaybePromise } from "../../../../core/index.js";
import { openPool, type Pool } from "../../../runtimes/threads/index.js";
import { commonLength, openNativeBags } from "../native/bags.js";
import { gathersNatively, openNativeGather } from "../native/gather.js";
import { lazily } from "../native/lazily.js";
import { joinTerms, type RowTerms } from "../native/row-terms.js";
import { type Bags, combine, divideBags } from "./bags.js";
import { gather } from "./gather.js";
import { type Matrix, type MatrixParts, openMatrix } from "./matrix.js";
import { type Metric, rescore, type Search, scan } from "./scan.js";
import type { TableQuestion } from "./table.worker.js";
import { mergeRanked, type Ranked } from "./top-k.js";
import type { Known, Warmth } from "./warmth.js";

/** A table that is served: small requests are answered here and now, others in threads or by ONNX Runtime. */
export interface Table extends AsyncDisposable {
  readonly matrix: Matrix;
  /** Whether every row is known to be in memory. Looks at every page: for tables that are to be read whole. */
  isResident(): boolean;
  /** Every row has just been looked at. */
  wasRead(): void;
  /** `rows` is given away. */
  gather(rows: Int32Array<ArrayBuffer>, caller: Caller): MaybePromise<Float32Array>;
  combine(bags: Bags, caller: Caller): MaybePromise<Float32Array>;
  /** Compares some rows, `candidates[query]`, that have just been looked at. */
  rescore(search: Search, candidates: readonly Int32Array[], signal: AbortSignal): Promise<readonly Ranked[]>;
  /** Reads every row. */
  terms(metric: Metric, signal: AbortSignal): Promise<RowTerms>;
  /** Compares every row. */
  scan(search: Search, signal: AbortSignal): Promise<readonly Ranked[]>;
}

export type TableSetup = {
  readonly parts: MatrixParts;
  readonly warmth: Warmth;
  readonly threads: number;
  readonly log: Logger;
};

/** Numbers up to which copying them here takes less than asking ONNX Runtime to: 15 us. */
export const MOST_INLINE = 16_384;
/** Products that are computed and numbers that are added up on the event loop: less than 100 us of work. */
export const MOST_INLINE_PRODUCTS = 65_536;
/** Numbers from which on several threads share the bags of a request: about 0.7 ms of work. */
const SHARED_FROM = 2 ** 19;
/** Products that one thread computes before it looks at other requests: about 0.3 s of work. */
const MOST_AT_ONCE = 2 ** 28;

const MODULE = new URL("./table.worker.js", import.meta.url);

function join(parts: readonly Float32Array[]): Float32Array {
  const whole = new Float32Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

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
  const native = gathersNatively(matrix) ? lazily(() => openNativeGather(matrix, threads, log), log) : undefined;
  const nativeBags = gathersNatively(matrix) ? lazily(() => openNativeBags(matrix, threads, log), log) : undefined;

  /** Asks all threads, each of its share of the rows. */
  const askAll = <Value>(question: (from: number, to: number) => TableQuestion, signal: AbortSignal) => {
    const share = Math.ceil(count / threads);
    const starts = Array.from({ length: Math.ceil(count / share) }, (_, i) => i * share);
    return Promise.all(starts.map((from) => ask<Value>(question(from, Math.min(count, from + share)), signal)));
  };
  const scanSome = async (search: Search, signal: AbortSignal): Promise<readonly Ranked[]> => {
    const parts = await askAll<readonly Ranked[]>((from, to) => ({ task: "scan", search, from, to }), signal);
    return parts[0]!.map((_, query) =>
      mergeRanked(
        parts.map((part) => part[query]!),
        search.k,
      ),
    );
  };
  const gatherElsewhere = async (rows: Int32Array<ArrayBuffer>, known: Known, signal: AbortSignal) => {
    // What waits for a disk must not take a place from the runs of all models.
    const copier = native && known !== "cold" ? await native.get(signal) : undefined;
    if (copier) return copier.gather(rows, known === "warm", signal);
    const kept = rows.slice();
    const out = await ask<Float32Array>({ task: "gather", rows }, signal, [rows.buffer]);
    warmth.touched(kept);
    return out;
  };
  const combineElsewhere = async (bags: Bags, known: Known, signal: AbortSignal) => {
    const length = known === "cold" ? undefined : commonLength(bags);
    const adder = length === undefined ? undefined : await nativeBags?.get(signal);
    const parts = bags.rows.length * width < SHARED_FROM ? [bags] : divideBags(bags, threads);
    const sums = adder
      ? [await adder.combine(bags, length!, signal)]
      : await Promise.all(parts.map((part) => ask<Float32Array>({ task: "combine", bags: part }, signal)));
    warmth.touched(bags.rows);
    return sums.length === 1 ? sums[0]! : join(sums);
  };
  return {
    matrix,
    isResident: () => warmth.ofAll() === "warm",
    wasRead: () => warmth.touchedAll(),
    gather: (rows, caller) => {
      const known = warmth.of(rows);
      if (known === "warm" && rows.length * width <= MOST_INLINE) return gather(matrix, rows);
      return gatherElsewhere(rows, known, caller.signal);
    },
    combine: (bags, caller) => {
      const known = warmth.of(bags.rows);
      if (known === "warm" && bags.rows.length * width <= MOST_INLINE_PRODUCTS) return combine(matrix, bags);
      return combineElsewhere(bags, known, caller.signal);
    },
    rescore: async (search, candidates, signal) => {
      const products = candidates.reduce((sum, rows) => sum + rows.length * width, 0);
      for (const rows of candidates) warmth.touched(rows);
      const small = products <= MOST_INLINE_PRODUCTS && candidates.every((rows) => warmth.of(rows) === "warm");
      if (small && !end.signal.aborted) return rescore(matrix, search, candidates);
      return ask<readonly Ranked[]>({ task: "rescore", search, candidates }, signal);
    },
    terms: async (metric, signal) =>
      joinTerms(await askAll<RowTerms>((from, to) => ({ task: "terms", metric, from, to }), signal), count),
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
      await native?.[Symbol.asyncDispose]();
      await nativeBags?.[Symbol.asyncDispose]();
      await (await pool?.catch(() => undefined))?.[Symbol.asyncDispose]();
    },
  };
}
