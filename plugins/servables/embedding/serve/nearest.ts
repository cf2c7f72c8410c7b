import { formatShape, invalidArgument, type TensorOf, type Tensors, tensor } from "../../../../core/index.js";
import type { TokenTable } from "../../../../formats/token-table/token-table.js";
import type { Neighbours } from "../index/neighbours.js";
import type { Metric, Search } from "../table/scan.js";
import type { Ranked } from "../table/top-k.js";
import { DEFAULT_K } from "./signatures.js";

export type NearestSetup = {
  readonly neighbours: Neighbours;
  readonly keys: TokenTable | undefined;
  readonly width: number;
  readonly rows: number;
  readonly metric: Metric;
  readonly mostNeighbours: number;
};

function kOf(inputs: Tensors, most: number): number {
  const { data, shape } = (inputs.k ?? tensor("int32", [], Int32Array.of(DEFAULT_K))) as TensorOf<"int32">;
  const k = data[0];
  if (data.length !== 1 || k === undefined) throw invalidArgument(`k is one number, got shape ${formatShape(shape)}`);
  if (k < 1 || k > most) throw invalidArgument(`k is ${k}; it can be 1 to ${most} (option mostNeighbours)`);
  return k;
}

function queriesOf(inputs: Tensors, width: number): Float32Array {
  const { data, shape } = inputs.query as TensorOf<"float32">;
  if (shape.length !== 2 || shape[1] !== width) {
    throw invalidArgument(
      `query has the shape [n,${width}], as the table's vectors have ${width} numbers; got ${formatShape(shape)}`,
    );
  }
  for (let i = 0; i < data.length; i++) {
    if (Number.isFinite(data[i])) continue;
    throw invalidArgument(`query at [${Math.floor(i / width)},${i % width}] is ${data[i]}; nothing is near to that`);
  }
  return data;
}

function answer(ranked: readonly Ranked[], k: number, { metric, keys }: NearestSetup): Tensors {
  const shape = [ranked.length, k];
  const ids = new BigInt64Array(ranked.length * k);
  const scores = new Float32Array(ids.length);
  for (const [query, { rows, scores: nearness }] of ranked.entries()) {
    for (let i = 0; i < k; i++) {
      ids[query * k + i] = BigInt(rows[i]!);
      scores[query * k + i] = metric === "l2" ? Math.sqrt(-nearness[i]!) : nearness[i]!;
    }
  }
  const found = { ids: tensor("int64", shape, ids), scores: tensor("float32", shape, scores) };
  if (!keys) return found;
  return {
    ...found,
    keys: tensor(
      "string",
      shape,
      Array.from(ids, (id) => keys.token(Number(id))),
    ),
  };
}

/** The nearest rows of each query, best first. A table of fewer than `k` rows answers with all of them. */
export async function runNearest(inputs: Tensors, setup: NearestSetup, signal: AbortSignal): Promise<Tensors> {
  const { neighbours, width, rows, metric, mostNeighbours } = setup;
  const k = Math.min(rows, kOf(inputs, mostNeighbours));
  const search: Search = { queries: queriesOf(inputs, width), k, metric };
  const ranked = search.queries.length === 0 ? [] : await neighbours.find(search, signal);
  return answer(ranked, k, setup);
}
