import { LazyCaller, type Tensors, tensor } from "salver";
import { closedLoop } from "../harness/closed-loop.js";
import { openModel } from "../harness/models.js";
import { median } from "../harness/stats.js";
import type { Run } from "../harness/suite.js";
import { short, table } from "../harness/table.js";
import { startNumpy } from "./peer.js";
import { randomNumbers, type Vectors } from "./vectors.js";

const HEADER = ["", "recall@10", "alone", "8 at once", "batches of 64"];
const K = 10;
const QUERIES = 64;

const idsOf = ({ ids }: Tensors) => Array.from(ids!.data as BigInt64Array, Number);

/** The share of the true ten nearest among those found. */
function recallOf(found: readonly number[], exact: readonly number[]): number {
  let hits = 0;
  for (let from = 0; from < exact.length; from += K) {
    const those = new Set(found.slice(from, from + K));
    for (const id of exact.slice(from, from + K)) if (those.has(id)) hits++;
  }
  return hits / exact.length;
}

/** Queries a second by cosine, every row compared and by graphs of some expansions, beside NumPy's matrix product. */
export async function nearestTable(vectors: Vectors, numpy: boolean, { pace, progress }: Run) {
  const { rows: count, width, path, file } = vectors;
  const random = randomNumbers(7);
  const numbers = Float32Array.from({ length: QUERIES * width }, random);
  const queries = tensor("float32", [QUERIES, width], numbers);
  const one = tensor("float32", [1, width], numbers.slice(0, width));
  let exact: readonly number[] | undefined;
  const rows: string[][] = [];
  const data: Record<string, object> = {};
  for (const [name, options] of [
    ["exact", { index: "exact" }],
    ["hnsw, expansion 64", { index: "hnsw", expansion: 64 }],
    ["hnsw, expansion 128", { index: "hnsw", expansion: 128 }],
  ] as const) {
    progress(`nearest of ${count}, ${name}`);
    const start = performance.now();
    await using model = await openModel({ path, servable: { type: "embedding", ...options } });
    const loaded = performance.now() - start;
    const ask = (query: Tensors[string]) => model.lease.predict("nearest", { query }, new LazyCaller());
    const found = idsOf(await ask(queries));
    exact ??= found;
    const turn = async (query: Tensors[string], callers: number) => {
      const rates: number[] = [];
      for (let round = 0; round < pace.rounds; round++) {
        const load = await closedLoop(async () => void (await ask(query)), callers, pace.milliseconds);
        // As NumPy's: what other processes take of the machine is in neither.
        rates.push((callers === 1 ? 1000 / load.p10 : load.perSecond) * query.shape[0]!);
      }
      return median(rates);
    };
    const figures = {
      recall: recallOf(found, exact),
      loaded,
      alone: await turn(one, 1),
      together: await turn(one, 8),
      batches: await turn(queries, 1),
    };
    data[name] = figures;
    const { recall, alone, together, batches } = figures;
    rows.push([
      `${name} (loaded in ${short(loaded / 1000)} s)`,
      recall.toFixed(3),
      ...[alone, together, batches].map(short),
    ]);
  }
  if (numpy) {
    using peer = startNumpy();
    await peer.load(file);
    const seconds = (pace.rounds * pace.milliseconds) / 1000;
    const rate = async (query: Float32Array) =>
      (await peer.timed("nearest", seconds, { query: Array.from(query), k: K })).perSecond * (query.length / width);
    const [alone, batches] = [await rate(one.data), await rate(numbers)];
    data.numpy = { alone, batches };
    rows.push(["NumPy, matrix product", "1.000", short(alone), "", short(batches)]);
  }
  return { markdown: `## Nearest of ${count} x ${width}, queries a second\n\n${table(HEADER, rows)}`, data };
}
