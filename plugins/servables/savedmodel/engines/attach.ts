import type { Attached, Servable } from "../../../../core/index.js";
import { attachTensorflow, type TensorflowHandle } from "./libtensorflow.js";
import { attachLowered, type LoweredHandle } from "./onnxruntime.js";

/** The model of another thread, on the engine that it has there. */
export async function attachSavedModel({ handle, origin }: Attached): Promise<Servable> {
  const known = handle as LoweredHandle | TensorflowHandle;
  return known.engine === "onnxruntime" ? attachLowered(known, origin) : attachTensorflow(known);
}
