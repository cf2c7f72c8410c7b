import {
  bytesOf,
  elementCount,
  formatShape,
  invalidArgument,
  layouts,
  type NumericArray,
  resourceExhausted,
  type Tensor,
  unimplemented,
  viewBytes,
} from "../../../core/index.js";
import { dataTypeName, dataTypeOf, dtypeOf } from "../../../protos/tensor/dtype.js";
import { copyMemory, keepAlive, writeMemory } from "../native/index.js";
import type { Pointer, TfApi } from "./c-api.js";
import { freeStrings, readStrings, TSTRING_BYTES, writeStrings } from "./strings.js";

/** TensorShape::MaxDimensions. */
const MAX_RANK = 254;
/** No tensor is larger; the product of the dimensions, zeros left out, must stay far from overflowing 64 bits. */
const MAX_ELEMENTS = 2 ** 47;

/** A TF_Tensor that this side owns. */
export type OwnedTensor = { readonly pointer: Pointer; release(): void };

/** TensorFlow ends the process on a shape it cannot represent, so such a shape must not reach it. */
function checkShape(shape: readonly number[], name: string): void {
  let product = 1;
  for (const size of shape) product *= size || 1;
  if (shape.length > MAX_RANK || product > MAX_ELEMENTS) {
    throw invalidArgument(`input ${name}: TensorFlow cannot hold a tensor of shape ${formatShape(shape)}`);
  }
}

/**
 * A copy of `tensor` in TensorFlow's memory. The caller releases it when nothing native uses it any more.
 * @throws INVALID_ARGUMENT for a shape that TensorFlow cannot hold, RESOURCE_EXHAUSTED when memory is short
 */
export async function toNative(api: TfApi, tensor: Tensor, name: string): Promise<OwnedTensor> {
  const { dtype, shape, data } = tensor;
  checkShape(shape, name);
  const count = elementCount(shape);
  if (data.length !== count * (dtype === "string" ? 1 : layouts[dtype].items)) {
    throw invalidArgument(`input ${name}: ${data.length} items do not fill the shape ${formatShape(shape)}`);
  }
  const dims = BigInt64Array.from(shape, BigInt);
  const bytes = dtype === "string" ? count * TSTRING_BYTES : data.byteLength;
  const pointer = api.allocateTensor(dataTypeOf(dtype), dims, shape.length, bytes);
  keepAlive(dims);
  const base = pointer && api.tensorData(pointer);
  if (!pointer || (bytes > 0 && !base)) {
    if (pointer) api.deleteTensor(pointer);
    throw resourceExhausted(`input ${name}: no memory for a tensor of ${bytes} bytes`);
  }
  const release = () => api.deleteTensor(dtype === "string" ? freeStrings(api, pointer, count) : pointer);
  try {
    if (base && dtype === "string") await writeStrings(api, base, data);
    else if (base) writeMemory(base, bytesOf(data as NumericArray));
  } catch (error) {
    release();
    throw error;
  }
  return { pointer, release };
}

/**
 * A copy of a TF_Tensor in JavaScript's memory.
 * @throws UNIMPLEMENTED for types that cannot leave the runtime, such as `resource`
 */
export async function fromNative(api: TfApi, pointer: Pointer, name: string): Promise<Tensor> {
  const type = api.tensorType(pointer);
  const dtype = dtypeOf(type);
  if (dtype === undefined) throw unimplemented(`output ${name} is a ${dataTypeName(type)}, which cannot be served`);
  const shape = Array.from({ length: api.numDims(pointer) }, (_, i) => api.dim(pointer, i));
  const count = elementCount(shape);
  const base = count > 0 ? api.tensorData(pointer) : null;
  if (dtype === "string") return { dtype, shape, data: base ? await readStrings(api, base, count) : [] };
  const bytes = copyMemory(base ?? 0n, base ? count * layouts[dtype].bytes : 0);
  return { dtype, shape, data: viewBytes(dtype, new Uint8Array(bytes)) } as Tensor;
}
