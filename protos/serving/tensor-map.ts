import type { Tensors } from "../../core/index.js";
import { type EncodeOptions, tensorFields } from "../tensor/encode.js";
import { type Field, message, string } from "../wire/writer.js";

/** A map from names to TensorProtos: what the inputs of a PredictRequest and the outputs of its response are. */
export function tensorMap(field: number, tensors: Tensors, options?: EncodeOptions): readonly Field[] {
  return Object.entries(tensors).map(([name, tensor]) =>
    message(field, [string(1, name), message(2, tensorFields(tensor, options))]),
  );
}
