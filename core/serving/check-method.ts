import { internal, invalidArgument } from "../errors.js";
import { CLASSIFY_METHOD, REGRESS_METHOD } from "../inference.js";
import { PREDICT_METHOD, type Signature } from "../signature.js";

// Codes and texts are TensorFlow Serving's, for its flag --enable_signature_method_name_check.

const methodOf = ({ method = PREDICT_METHOD }: Signature) => method;

/** @throws ServingError INTERNAL for a method that TensorFlow Serving does not know */
export function checkPredictMethod(signature: Signature): void {
  const method = methodOf(signature);
  const known = [PREDICT_METHOD, CLASSIFY_METHOD, REGRESS_METHOD];
  if (known.includes(method)) return;
  throw internal(`Expected prediction signature method_name to be one of {${known.join(", ")}}. Was: ${method}`);
}

/** @throws ServingError INVALID_ARGUMENT where the signature's method is not `wanted` */
export function checkMethod(signature: Signature, kind: "classification" | "regression"): void {
  const wanted = kind === "classification" ? CLASSIFY_METHOD : REGRESS_METHOD;
  const method = methodOf(signature);
  if (method === wanted) return;
  throw invalidArgument(`Expected ${kind} signature method_name to be ${wanted}. Was: ${method}`);
}
