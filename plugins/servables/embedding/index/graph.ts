import type { Matrix } from "../table/matrix.js";
import { createRowReader } from "../table/rows.js";
import { type Metric, rescore, type Search, scan } from "../table/scan.js";
import type { Ranked } from "../table/top-k.js";
import { foreignGraph, storeGraph, viewGraph } from "./stored-graph.js";
import { loadUsearch, type UsearchIndex, type UsearchMatches } from "./usearch.js";

export type GraphSetup = {
  readonly metric: Metric;
  readonly connectivity: number;
  readonly expansion: number;
  readonly threads: number;
  /** Where a graph may be stored; its name says the metric. */
  readonly file: string | undefined;
  /** Whether one that was built is stored there. */
  readonly keep: boolean;
};

/** An approximate search: a graph of the rows proposes candidates, which are then compared exactly. */
export interface Graph {
  /** Whether it was built now or taken from its file. */
  readonly origin: "built" | "stored";
  /** The share of the true ten nearest that it finds, over a sample of the rows. */
  readonly recall: number;
  search(search: Search): Ranked[];
}

const kinds = { cosine: "cos", dot: "ip", l2: "l2sq" } as const;
const BATCH = 4096;
const SAMPLES = 32;
const SAMPLED_K = 10;
/** A graph of this very table finds more by any setting; one of another table finds nearly nothing. */
const LEAST_RECALL = 0.2;

function addRows(index: UsearchIndex, matrix: Matrix, threads: number): void {
  const { rows, width } = matrix;
  const reader = createRowReader(matrix);
  for (let from = 0; from < rows; from += BATCH) {
    const count = Math.min(BATCH, rows - from);
    const vectors = new Float32Array(count * width);
    for (let i = 0; i < count; i++) {
      const at = reader.seek(from + i);
      vectors.set(reader.numbers.subarray(at, at + width), i * width);
    }
    index.add(
      BigUint64Array.from({ length: count }, (_, i) => BigInt(from + i)),
      vectors,
      threads,
    );
  }
}

function candidatesOf({ keys, counts }: UsearchMatches, query: number, asked: number): Int32Array {
  const count = counts ? Number(counts[query]) : keys.length;
  return Int32Array.from({ length: count }, (_, i) => Number(keys[query * asked + i]));
}

/**
 * Takes the graph of a table from its file, or builds it: about 0.1 ms a row and core, 2 bytes a number and some 10 bytes
 * a neighbour. Blocks; it is for a thread.
 * @throws FAILED_PRECONDITION for a stored graph that is not of this table, and without the package
 */
export function openGraph(matrix: Matrix, setup: GraphSetup): Graph {
  const { rows, width } = matrix;
  const { metric, connectivity, expansion, threads, file, keep } = setup;
  const index = new (loadUsearch().Index)({
    dimensions: width,
    metric: kinds[metric],
    quantization: "bf16",
    connectivity,
    expansion_add: expansion,
    expansion_search: expansion,
    multi: false,
  });
  const stored = viewGraph(index, file, matrix, metric);
  if (!stored) addRows(index, matrix, threads);

  const search = (asked: Search): Ranked[] => {
    const count = Math.min(rows, Math.max(asked.k, expansion));
    const matches = index.search(asked.queries, count, threads);
    const queries = asked.queries.length / width;
    const candidates = Array.from({ length: queries }, (_, query) => candidatesOf(matches, query, count));
    const ranked = rescore(matrix, asked, candidates);
    // A row that no path leads to is not found; then there can be fewer than were asked for.
    return ranked.map((each, query) => {
      if (each.rows.length >= Math.min(asked.k, rows)) return each;
      const alone = { ...asked, queries: asked.queries.slice(query * width, (query + 1) * width) };
      return scan(matrix, alone, 0, rows)[0]!;
    });
  };
  const recall = measureRecall(matrix, metric, search);
  if (stored && recall < LEAST_RECALL) {
    throw foreignGraph(metric, `it finds ${recall.toFixed(2)} of the nearest rows`);
  }
  if (!stored && keep && file !== undefined) storeGraph(index, file);
  return { origin: stored ? "stored" : "built", recall, search };
}

/** Against comparing every row, with rows spread over the table as queries. */
function measureRecall(matrix: Matrix, metric: Metric, search: Graph["search"]): number {
  const { rows, width } = matrix;
  const count = Math.min(rows, SAMPLES);
  const reader = createRowReader(matrix);
  const queries = new Float32Array(count * width);
  for (let i = 0; i < count; i++) {
    const at = reader.seek(Math.floor((i * rows) / count));
    queries.set(reader.numbers.subarray(at, at + width), i * width);
  }
  const asked = { queries, k: SAMPLED_K, metric };
  const [found, exact] = [search(asked), scan(matrix, asked, 0, rows)];
  let [hits, all] = [0, 0];
  for (const [i, { rows: nearest }] of exact.entries()) {
    const got = new Set(found[i]!.rows);
    all += nearest.length;
    for (const row of nearest) if (got.has(row)) hits++;
  }
  return hits / all;
}
