import { invalidArgument, messageOf, record, type Tensors } from "../../core/index.js";
import { createBudget, decodeTensorProto } from "../tensor/decode.js";

/**
 * The inputs of a PredictRequest, each a serialized TensorProto.
 * @throws ServingError INVALID_ARGUMENT that names the input
 */
export function decodeInputs(inputs: ReadonlyMap<string, Uint8Array>): Tensors {
  const budget = createBudget();
  const tensors = record<Tensors[string]>();
  for (const [name, bytes] of inputs) {
    try {
      tensors[name] = decodeTensorProto(bytes, budget);
    } catch (error) {
      throw invalidArgument(`tensor parsing error: ${name}: ${messageOf(error)}`);
    }
  }
  return tensors;
}
