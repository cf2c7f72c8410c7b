import type { EmbeddingOptions } from "../options.js";
import { hasUsearch } from "./usearch.js";

/** Above so many rows `index: auto` goes by a graph. */
export const MOST_EXACT = 100_000;

/** Whether a table of so many rows may get a graph. */
export const mayHaveGraph = (rows: number, { index }: EmbeddingOptions): boolean =>
  index === "hnsw" || (index === "auto" && rows > MOST_EXACT && hasUsearch());

/** Memory of a graph, an upper bound: a row's numbers in 16 bits, its neighbours on all levels and its place in lists. */
export function graphBytes(size: { readonly rows: number; readonly width: number }, options: EmbeddingOptions): number {
  if (!mayHaveGraph(size.rows, options)) return 0;
  return size.rows * (2 * size.width + 12 * options.connectivity + 128);
}
