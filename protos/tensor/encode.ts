import { bytesOf, type Tensor } from "../../core/index.js";
import { bytes, encodeMessage, type Field, packed, packed64, varint } from "../wire/writer.js";
import { dataTypeOf } from "./dtype.js";
import { CONTENT, DTYPE, SHAPE, valueFields } from "./fields.js";
import { shapeField } from "./shape.js";

export type EncodeOptions = {
  /** Raw bytes in `tensor_content` instead of the typed fields, which many clients read directly. Not for strings. */
  readonly content?: boolean;
};

/** @param data 0 for false, anything else for true; protobuf's own form of true is 1 */
function packedBools(field: number, data: Uint8Array): Field {
  return bytes(field, data.every((value) => value <= 1) ? data : data.map((value) => (value === 0 ? 0 : 1)));
}

function values(tensor: Exclude<Tensor, { dtype: "string" }>): Field {
  const { field, encoding } = valueFields[tensor.dtype];
  const { data } = tensor;
  if (encoding === "bool") return packedBools(field, data as Uint8Array);
  if (data instanceof BigInt64Array || data instanceof BigUint64Array) return packed64(field, data);
  return encoding === "varint" ? packed(field, data) : bytes(field, bytesOf(data));
}

/** The fields of the TensorProto that holds `tensor`, in the order of their numbers. */
export function tensorFields(tensor: Tensor, options: EncodeOptions = {}): readonly Field[] {
  const head = [varint(DTYPE, dataTypeOf(tensor.dtype)), shapeField(SHAPE, tensor.shape)];
  if (tensor.data.length === 0) return head;
  if (tensor.dtype === "string") {
    for (const item of tensor.data) head.push(bytes(valueFields.string.field, item));
  } else head.push(options.content ? bytes(CONTENT, bytesOf(tensor.data)) : values(tensor));
  return head;
}

/** `tensor` as a serialized TensorProto. */
export function encodeTensorProto(tensor: Tensor, options: EncodeOptions = {}): Uint8Array {
  return encodeMessage(tensorFields(tensor, options));
}
