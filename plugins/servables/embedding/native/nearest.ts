import { type Logger, type Tensors, tensor } from "../../../../core/index.js";
import type { PlainGraph, PlainNode, PlainValue } from "../../../../formats/onnx/write-model.js";
import { attachSession, type OrtSession } from "../../../runtimes/onnxruntime/index.js";
import type { Matrix, StoredType } from "../table/matrix.js";
import type { Metric, Search } from "../table/scan.js";
import { createTopK } from "../table/top-k.js";
import { type Block, blocksOf } from "./blocks.js";
import { openGraph, widened } from "./open-graph.js";
import type { RowTerms } from "./row-terms.js";

/** Rows that may be the nearest to one query. */
export type Candidates = {
  readonly rows: Int32Array;
  /** No other row is nearer than this, by the exact nearness; NaN where that cannot be told. */
  readonly bar: number;
};

/** Finds candidates by products in float32. */
export interface NativeNearest extends AsyncDisposable {
  /** `resident`: nothing of the table has to come from a disk. */
  find(search: Search, resident: boolean, signal: AbortSignal): Promise<readonly Candidates[]>;
}

/** Rows beyond `k` that are looked at exactly: more than k rows seldom lie within a rounding of each other. */
const SPARE = 8;
/** Scores of one run, 16 MiB. */
const MOST_SCORES = 2 ** 22;
/** Numbers of the table that one run looks at: some 10 ms, after which it can be cancelled. */
const MOST_NUMBERS = 2 ** 24;
/** Products that are worth a run of their own: some 0.5 ms of work. */
const LEAST_PRODUCTS = 2 ** 23;
/** Products that are computed on the event loop: some 100 us of work, where handing it to another thread takes 30. */
const MOST_INLINE = 1_500_000;
const QUERIES_AT_ONCE = 256;
const BLOCKS_AT_ONCE = 2;
/** Float32 products of vectors of other lengths than these might be too large or too small to be told apart. */
const [SHORTEST, LONGEST] = [1e-15, 1e15];

function graphOf(dtype: StoredType, { factors, offsets }: RowTerms): PlainGraph {
  const terms: [op: string, name: string][] = [];
  if (factors) terms.push(["Mul", "factors"]);
  if (offsets) terms.push(["Add", "offsets"]);
  const wide = widened(dtype, "table");
  const nodes: PlainNode[] = [
    ...wide.nodes,
    { op: "Gemm", inputs: ["queries", wide.value], outputs: ["scores0"], attributes: { transB: 1 } },
    ...terms.map(([op, name], i) => ({ op, inputs: [`scores${i}`, name], outputs: [`scores${i + 1}`] })),
    { op: "TopK", inputs: [`scores${terms.length}`, "k"], outputs: ["best", "rows"] },
  ];
  const inputs: PlainValue[] = [
    { name: "queries", dtype: "float32", dims: ["n", "width"] },
    { name: "table", dtype, dims: ["rows", "width"] },
    { name: "k", dtype: "int64", dims: ["one"] },
    ...terms.map(([, name]): PlainValue => ({ name, dtype: "float32", dims: ["rows"] })),
  ];
  const outputs: PlainValue[] = [
    { name: "best", dtype: "float32", dims: ["n", "k"] },
    { name: "rows", dtype: "int64", dims: ["n", "k"] },
  ];
  return { nodes, inputs, outputs };
}

/** A query as the graph takes it, and what turns the graph's scores into a bound of the exact nearness. */
type Prepared = { readonly factor: number; readonly slack: number; readonly offset: number };

/**
 * float32 sums of `width` products are off by no more than `width` roundings of the product of the lengths; the steps
 * before and after them add a few. What neither can hold in float32 has no bound.
 */
function prepare(query: Float32Array, metric: Metric, { shortest, longest }: RowTerms): Prepared {
  const squares = query.reduce((sum, each) => sum + each * each, 0);
  const length = Math.sqrt(squares);
  const rounding = (query.length + 16) * 2 ** -24;
  const holds = length >= SHORTEST && length <= LONGEST && shortest >= SHORTEST && longest <= LONGEST;
  const no = Number.NaN;
  if (metric === "cosine") return { factor: 1 / length, slack: holds ? rounding : no, offset: 0 };
  if (metric === "dot") return { factor: 1, slack: holds ? rounding * length * longest : no, offset: 0 };
  return { factor: 2, slack: holds ? rounding * (2 * length + longest) * longest : no, offset: -squares };
}

/** @throws ServingError where ONNX Runtime cannot be had */
export async function openNativeNearest(
  matrix: Matrix,
  metric: Metric,
  terms: RowTerms,
  log: Logger,
): Promise<NativeNearest> {
  const { width, dtype, rows: size } = matrix;
  const session = await openGraph(graphOf(dtype, terms), log);
  const inline = await attachSession({ ...session.handle!, dispatch: "inline" });

  const inputsOf = ({ from, count, tensor: table }: Block, queries: Tensors[string], k: number): Tensors => {
    const some = (all: Float32Array) => tensor("float32", [count], all.subarray(from, from + count));
    return {
      queries,
      table,
      k: tensor("int64", [1], BigInt64Array.of(BigInt(k))),
      ...(terms.factors ? { factors: some(terms.factors) } : {}),
      ...(terms.offsets ? { offsets: some(terms.offsets) } : {}),
    };
  };

  const findSome = async (
    chosen: OrtSession,
    numbers: Float32Array,
    wanted: number,
    signal: AbortSignal,
  ): Promise<Candidates[]> => {
    const count = numbers.length / width;
    const prepared = Array.from({ length: count }, (_, i) =>
      prepare(numbers.subarray(i * width, (i + 1) * width), metric, terms),
    );
    const scaled = numbers.map((each, i) => each * prepared[Math.floor(i / width)]!.factor);
    const queries = tensor("float32", [count, width], scaled);
    const tops = prepared.map(() => createTopK(Math.min(size, wanted)));
    const share = Math.max(size / BLOCKS_AT_ONCE, LEAST_PRODUCTS / (count * width));
    const most = Math.ceil(Math.min(share, MOST_SCORES / count, MOST_NUMBERS / width));
    const blocks = blocksOf(matrix, most);
    const work = async () => {
      for (const block of blocks) {
        const k = Math.min(wanted, block.count);
        const scores = new Float32Array(count * k);
        const rows = new BigInt64Array(count * k);
        const into = { best: tensor("float32", [count, k], scores), rows: tensor("int64", [count, k], rows) };
        await chosen.runInto!(inputsOf(block, queries, k), into, { signal });
        // The lower halves: no block has more rows than they hold.
        const found = new Int32Array(rows.buffer);
        for (let i = 0; i < scores.length; i++) tops[Math.floor(i / k)]!.offer(block.from + found[2 * i]!, scores[i]!);
      }
    };
    await Promise.all(Array.from({ length: BLOCKS_AT_ONCE }, work));
    return tops.map((top, i) => {
      const { rows } = top.ranked();
      const { slack, offset } = prepared[i]!;
      return { rows, bar: rows.length === size ? Number.NEGATIVE_INFINITY : top.bar + offset + slack };
    });
  };

  return {
    find: async ({ queries, k }, resident, signal) => {
      const chosen = resident && size * queries.length <= MOST_INLINE ? inline : session;
      const found: Candidates[] = [];
      for (let at = 0; at < queries.length; at += QUERIES_AT_ONCE * width) {
        const some = queries.subarray(at, at + QUERIES_AT_ONCE * width);
        found.push(...(await findSome(chosen, some, k + SPARE, signal)));
      }
      return found;
    },
    [Symbol.asyncDispose]: async () => {
      await inline[Symbol.asyncDispose]();
      await session[Symbol.asyncDispose]();
    },
  };
}
