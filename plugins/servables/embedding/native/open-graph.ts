import type { Logger } from "../../../../core/index.js";
import { castTo, type PlainGraph, type PlainNode, writeModel } from "../../../../formats/onnx/write-model.js";
import { defaultOrtOptions, type OrtSession, openSession } from "../../../runtimes/onnxruntime/index.js";
import type { StoredType } from "../table/matrix.js";

/** What makes float32 of the value `from`, and the value that is then to be used: itself where it is that already. */
export function widened(
  dtype: StoredType,
  from: string,
): { readonly nodes: readonly PlainNode[]; readonly value: string } {
  if (dtype === "float32") return { nodes: [], value: from };
  const value = `wide ${from}`;
  return { nodes: [{ op: "Cast", inputs: [from], outputs: [value], attributes: { to: castTo("float32") } }], value };
}

/**
 * A graph that takes the table as an input, by its address: one thread a run, and never on the event loop.
 * @throws ServingError where ONNX Runtime's C interface does not work on this machine
 */
export const openGraph = (graph: PlainGraph, log: Logger): Promise<OrtSession> =>
  openSession({ bytes: writeModel(graph) }, { ...defaultOrtOptions, engine: "ffi", dispatch: "async" }, log);
