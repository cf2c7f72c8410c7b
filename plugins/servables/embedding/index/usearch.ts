import { createRequire } from "node:module";
import { type Finding, failedPrecondition, packageFinding } from "../../../../core/index.js";

/** What is used of the package `usearch`. */
export interface UsearchIndex {
  add(keys: BigUint64Array, vectors: Float32Array, threads: number): void;
  search(vectors: Float32Array, k: number, threads: number): UsearchMatches;
  save(path: string): void;
  view(path: string): void;
  size(): number;
  dimensions(): number;
}

export type UsearchMatches = {
  readonly keys: BigUint64Array;
  /** Absent for a single query. */
  readonly counts?: BigUint64Array;
};

type Config = {
  readonly dimensions: number;
  readonly metric: "cos" | "ip" | "l2sq";
  readonly quantization: "bf16";
  readonly connectivity: number;
  readonly expansion_add: number;
  readonly expansion_search: number;
  readonly multi: false;
};

type Usearch = { readonly Index: new (config: Config) => UsearchIndex };

// Its ESM entry cannot be imported.
const open = () => createRequire(import.meta.url)("usearch") as Usearch;

/** What `salver doctor` says of it. */
export const usearchFinding = (): Promise<Finding> =>
  packageFinding({
    name: "usearch",
    gives: "nearest neighbours by a graph (index: hnsw)",
    install: "npm install usearch@2.25.3",
    load: open,
  });

/** @throws FAILED_PRECONDITION where the package is not installed */
export function loadUsearch(): Usearch {
  try {
    return open();
  } catch (error) {
    throw failedPrecondition(
      "index: hnsw needs the package usearch: `npm install usearch@2.25.3`, or choose index: exact",
      error,
    );
  }
}

export function hasUsearch(): boolean {
  try {
    createRequire(import.meta.url).resolve("usearch");
    return true;
  } catch {
    return false;
  }
}
