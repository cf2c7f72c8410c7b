import { type Logger, type TensorOf, tensor } from "../../../../core/index.js";
import type { PlainGraph } from "../../../../formats/onnx/write-model.js";
import { type Bags, divideBags, divisorOf } from "../table/bags.js";
import { room } from "../table/gather.js";
import type { Matrix, StoredType } from "../table/matrix.js";
import { blockAt } from "./blocks.js";
import { openGraph, widened } from "./open-graph.js";

/** Adds up bags that all have the same number of items, in float32. */
export interface NativeBags extends AsyncDisposable {
  combine(bags: Bags, length: number, signal: AbortSignal): Promise<Float32Array>;
}

/** A product with the weights for each bag, which may be the same for all. */
function graphOf(dtype: StoredType): PlainGraph {
  const wide = widened(dtype, "found");
  return {
    nodes: [
      { op: "Gather", inputs: ["table", "ids"], outputs: ["found"] },
      ...wide.nodes,
      { op: "MatMul", inputs: ["weights", wide.value], outputs: ["sums"] },
    ],
    inputs: [
      { name: "table", dtype, dims: ["rows", "width"] },
      { name: "ids", dtype: "int32", dims: ["bags", "items"] },
      { name: "weights", dtype: "float32", dims: ["weighted", "one", "items"] },
    ],
    outputs: [{ name: "sums", dtype: "float32", dims: ["bags", "one", "width"] }],
  };
}

/** How many items each of the bags has, where all have as many, at least one, and all are rows of the table. */
export function commonLength({ rows, splits }: Bags): number | undefined {
  const length = splits[1]! - splits[0]!;
  // Without a bag there is none.
  if (!(length > 0)) return undefined;
  for (let bag = 1; bag + 1 < splits.length; bag++) if (splits[bag + 1]! - splits[bag]! !== length) return undefined;
  for (let i = 0; i < rows.length; i++) if (rows[i]! < 0) return undefined;
  return length;
}

/** Numbers that are worth a thread of their own: some 100 us of work. */
const LEAST_SHARE = 2 ** 18;

/** @throws ServingError where ONNX Runtime cannot be had */
export async function openNativeBags(matrix: Matrix, threads: number, log: Logger): Promise<NativeBags> {
  const { width } = matrix;
  const session = await openGraph(graphOf(matrix.dtype), log);
  const { tensor: table } = blockAt(matrix, 0, matrix.rows);

  const addUp = async (bags: Bags, length: number, out: Float32Array, signal: AbortSignal): Promise<void> => {
    const count = bags.splits.length - 1;
    const inputs = {
      table,
      ids: tensor("int32", [count, length], bags.rows),
      weights: weightsOf(bags, length),
    };
    await session.runInto!(inputs, { sums: tensor("float32", [count, 1, width], out) }, { signal });
  };
  return {
    combine: async (bags, length, signal) => {
      const out = room((bags.splits.length - 1) * width);
      const parts = divideBags(
        bags,
        Math.max(1, Math.min(threads, Math.floor((bags.rows.length * width) / LEAST_SHARE))),
      );
      let at = 0;
      const runs = parts.map((part) => {
        const from = at;
        at += (part.splits.length - 1) * width;
        return addUp(part, length, out.subarray(from, at), signal);
      });
      await Promise.all(runs);
      return out;
    },
    [Symbol.asyncDispose]: () => session[Symbol.asyncDispose](),
  };
}

/** What each item counts in its bag's answer: `[1 or bags, 1, items]`, so that products with it need no division after. */
function weightsOf({ splits, weights, combiner }: Bags, length: number): TensorOf<"float32"> {
  if (!weights)
    return tensor(
      "float32",
      [1, 1, length],
      new Float32Array(length).fill(1 / divisorOf(undefined, 0, length, combiner)),
    );
  const shares = new Float32Array(weights.length);
  for (let bag = 0; bag + 1 < splits.length; bag++) {
    const [from, to] = [splits[bag]!, splits[bag + 1]!];
    const divisor = divisorOf(weights, from, to, combiner);
    for (let i = from; i < to; i++) shares[i] = divisor === 0 ? 0 : weights[i]! / divisor;
  }
  return tensor("float32", [splits.length - 1, 1, length], shares);
}
