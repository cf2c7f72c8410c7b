import { invalidArgument, messageOf, RequestMemory, record, type Tensors } from "../../core/index.js";
import { createBudget, decodeTensorProto } from "../tensor/decode.js";

/**
 * The inputs of a PredictRequest, each a serialized TensorProto. What is no view of it lies in `memory`.
 * @throws ServingError INVALID_ARGUMENT that names the input
 */
export function decodeInputs(inputs: ReadonlyMap<string, Uint8Array>, memory = new RequestMemory()): Tensors {
  const budget = createBudget();
  const tensors = record<Tensors[string]>();
  for (const [name, bytes] of inputs) {
    try {
      tensors[name] = decodeTensorProto(bytes, memory, budget);
    } catch (error) {
      throw invalidArgument(`tensor parsing error: ${name}: ${messageOf(error)}`);
    }
  }
  return tensors;
}
