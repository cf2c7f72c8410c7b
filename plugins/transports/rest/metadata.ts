import {
  bytesOf,
  type Frontend,
  type ModelSpec,
  PREDICT_METHOD,
  type RequestEvent,
  type Signature,
  type Tensor,
  type TensorSpec,
} from "../../../core/index.js";
import { dataTypeName, dataTypeOf } from "../../../protos/tensor/dtype.js";

const base64 = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("base64");

function shapeJson(shape: readonly number[] | null, names: readonly string[] = []) {
  const dim = (shape ?? []).map((size, i) => ({ size: String(size), name: names[i] ?? "" }));
  return { dim, unknown_rank: shape === null };
}

const infoJson = ({ dtype, shape, dimNames, name = "" }: TensorSpec) => ({
  dtype: dataTypeName(dataTypeOf(dtype)),
  tensor_shape: shapeJson(shape, dimNames),
  name,
});

const tensorJson = (tensor: Tensor) => ({
  dtype: dataTypeName(dataTypeOf(tensor.dtype)),
  tensor_shape: shapeJson(tensor.shape),
  ...(tensor.dtype === "string"
    ? { string_val: tensor.data.map(base64) }
    : { tensor_content: base64(bytesOf(tensor.data)) }),
});

const mapJson = <T>(values: Readonly<Record<string, T>>, toJson: (value: T) => unknown) =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [name, toJson(value)]));

const signatureJson = ({ inputs, outputs, method = PREDICT_METHOD, defaults = {} }: Signature) => ({
  inputs: mapJson(inputs, infoJson),
  outputs: mapJson(outputs, infoJson),
  method_name: method,
  defaults: mapJson(defaults, tensorJson),
});

/**
 * A version's signatures as TensorFlow Serving's metadata reply: proto3 JSON with defaults printed, 64-bit integers as
 * strings and fields in snake case. The doubled `signature_def` is a message inside a map.
 * @throws NOT_FOUND
 */
export function metadata(frontend: Frontend, spec: ModelSpec, event?: RequestEvent) {
  const lease = frontend.lease(spec, event);
  try {
    return {
      model_spec: { name: spec.name, signature_name: "", version: String(lease.version) },
      metadata: { signature_def: { signature_def: mapJson(lease.signatures, signatureJson) } },
    };
  } finally {
    lease[Symbol.dispose]();
  }
}
