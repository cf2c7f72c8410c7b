import { type Logger, tensor } from "../../../../core/index.js";
import type { PlainGraph } from "../../../../formats/onnx/write-model.js";
import { attachSession, type OrtSession } from "../../../runtimes/onnxruntime/index.js";
import { room } from "../table/gather.js";
import type { Matrix, StoredType } from "../table/matrix.js";
import { blockAt } from "./blocks.js";
import { openGraph, widened } from "./open-graph.js";

/** Gathers rows by copying them whole. */
export interface NativeGather extends AsyncDisposable {
  /** -1 stands for a row that is not there. `resident`: none of the rows has to come from a disk. */
  gather(rows: Int32Array, resident: boolean, signal: AbortSignal): Promise<Float32Array>;
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

/** Numbers that are copied on the event loop: less than 100 us of work, where handing it to another thread takes 30. */
const MOST_INLINE = 65_536;
/** Numbers that are worth a thread of their own: 1 MiB, some 50 us of work. */
const LEAST_SHARE = 2 ** 18;

/** @throws ServingError where ONNX Runtime cannot be had */
export async function openNativeGather(matrix: Matrix, threads: number, log: Logger): Promise<NativeGather> {
  const { width } = matrix;
  const session = await openGraph(graphOf(matrix.dtype), log);
  const inline = await attachSession({ ...session.handle!, dispatch: "inline" });
  const [output = ""] = Object.keys(session.outputs);
  const { tensor: table } = blockAt(matrix, 0, matrix.rows);
  const missing = matrix.fallback ?? new Float32Array(width);

  const copy = (rows: Int32Array, out: Float32Array, chosen: OrtSession, signal: AbortSignal): Promise<void> => {
    const into = { [output]: tensor("float32", [rows.length, width], out) };
    return chosen.runInto!({ table, ids: tensor("int32", [rows.length], rows) }, into, { signal });
  };
  const share = async (rows: Int32Array, out: Float32Array, signal: AbortSignal): Promise<void> => {
    const most = Math.max(1, Math.min(threads, Math.floor(out.length / LEAST_SHARE)));
    const each = Math.ceil(rows.length / most);
    const parts: Promise<void>[] = [];
    for (let from = 0; from < rows.length; from += each) {
      const some = rows.subarray(from, from + each);
      parts.push(copy(some, out.subarray(from * width, (from + some.length) * width), session, signal));
    }
    await Promise.all(parts);
  };
  return {
    gather: async (rows, resident, signal) => {
      const lacking = anyMissing(rows);
      const ids = lacking ? rows.map((row) => Math.max(0, row)) : rows;
      const out = room(rows.length * width);
      if (resident && out.length <= MOST_INLINE) await copy(ids, out, inline, signal);
      else await share(ids, out, signal);
      for (let i = 0; lacking && i < rows.length; i++) if (rows[i]! < 0) out.set(missing, i * width);
      return out;
    },
    [Symbol.asyncDispose]: async () => {
      await inline[Symbol.asyncDispose]();
      await session[Symbol.asyncDispose]();
    },
  };
}
