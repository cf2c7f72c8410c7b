import { type Logger, type TensorOf, tensor } from "../../../../core/index.js";
import type { PlainGraph } from "../../../../formats/onnx/write-model.js";
import type { Matrix, StoredType } from "../table/matrix.js";
import { blockAt } from "./blocks.js";
import { openGraph, widened } from "./open-graph.js";

/** Gathers rows by copying them whole. */
export interface NativeGather extends AsyncDisposable {
  /** -1 stands for a row that is not there. */
  gather(rows: Int32Array, signal: AbortSignal): Promise<Float32Array>;
}

function graphOf(dtype: StoredType): PlainGraph {
  const wide = widened(dtype, "found");
  return {
    nodes: [{ op: "Gather", inputs: ["table", "ids"], outputs: ["found"] }, ...wide.nodes],
    inputs: [
      { name: "table", dtype, dims: ["rows", "width"] },
      { name: "ids", dtype: "int32", dims: ["n"] },
    ],
    outputs: [{ name: wide.value, dtype: "float32", dims: ["n", "width"] }],
  };
}

function anyMissing(rows: Int32Array): boolean {
  for (let i = 0; i < rows.length; i++) if (rows[i]! < 0) return true;
  return false;
}

/** Whether a table can be gathered from so: it is one piece, and its numbers are only widened. */
export const gathersNatively = ({ dtype, segments }: Matrix): boolean => dtype !== "int8" && segments.length === 1;

/** @throws ServingError where ONNX Runtime cannot be had */
export async function openNativeGather(matrix: Matrix, log: Logger): Promise<NativeGather> {
  const { width } = matrix;
  const session = await openGraph(graphOf(matrix.dtype), log);
  const [output = ""] = Object.keys(session.outputs);
  const { tensor: table } = blockAt(matrix, 0, matrix.rows);
  const missing = matrix.fallback ?? new Float32Array(width);
  return {
    gather: async (rows, signal) => {
      const lacking = anyMissing(rows);
      const ids = tensor("int32", [rows.length], lacking ? rows.map((row) => Math.max(0, row)) : rows);
      const found = await session.run({ table, ids }, [output], { signal });
      const vectors = (found[output] as TensorOf<"float32">).data;
      for (let i = 0; lacking && i < rows.length; i++) if (rows[i]! < 0) vectors.set(missing, i * width);
      return vectors;
    },
    [Symbol.asyncDispose]: () => session[Symbol.asyncDispose](),
  };
}
