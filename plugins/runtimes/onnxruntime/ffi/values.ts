import {
  bytesOf,
  elementCount,
  internal,
  layouts,
  type Tensor,
  type TensorSpec,
  type Tensors,
} from "../../../../core/index.js";
import { addressOf, adopt, copyMemory, keepAlive, pointerSlot } from "../../native/index.js";
import { elementTypeOf } from "../element-types.js";
import type { Runtime } from "./runtime.js";
import { check } from "./status.js";
import { createStringValue, readStrings } from "./strings.js";

// ONNX Runtime wants an address even for no bytes.
const nothing = new Uint8Array(8);

/** An `OrtValue` and the memory it looks at, which must be held for as long as the value is used. */
export type InputValue = { readonly value: bigint; readonly memory: readonly unknown[] };

/** An `OrtValue` over the tensor's own memory, without a copy; strings are copied. The caller releases it. */
export function toValue(runtime: Runtime, tensor: Tensor): InputValue {
  const { api, cpuMemory } = runtime;
  const shape = new BigInt64Array(tensor.shape.length);
  for (let i = 0; i < shape.length; i++) shape[i] = BigInt(tensor.shape[i]!);
  if (tensor.dtype === "string") return { value: createStringValue(runtime, tensor.data, shape), memory: [] };
  const elementType = elementTypeOf(tensor.dtype);
  if (elementType === undefined) throw internal(`ONNX has no element type for ${tensor.dtype}`);
  const bytes = tensor.data.byteLength === 0 ? nothing : bytesOf(tensor.data);
  const slot = pointerSlot();
  const size = tensor.data.byteLength;
  check(api, api.createTensorWithData(cpuMemory, bytes, size, shape, shape.length, elementType, slot));
  keepAlive(shape);
  return { value: slot[0]!, memory: [tensor.data, bytes] };
}

/**
 * Outputs from this size on are not copied but taken over: they stay in the memory that the runtime allocated, which is
 * given back when the garbage collector finds them unused. Copying 4 MiB takes about a millisecond of the event loop.
 */
const ADOPT_FROM = 4 * 2 ** 20;

/** Whether an output is an input that the graph hands on: that memory is the caller's. */
function isAmong(address: bigint, inputs: Tensors): boolean {
  return Object.values(inputs).some(({ dtype, data }) => {
    if (dtype === "string") return false;
    const start = addressOf(data);
    return address >= start && address < start + BigInt(data.byteLength);
  });
}

/** An output's contents. Releases `value`, at once or when the tensor is no longer used. */
export function takeTensor(runtime: Runtime, value: bigint, spec: TensorSpec, inputs: Tensors): Tensor {
  const { api } = runtime;
  let adopted = false;
  try {
    const shape = shapeOf(runtime, value);
    const count = elementCount(shape);
    if (spec.dtype === "string") return { dtype: "string", shape, data: readStrings(runtime, value, count) };
    const { array, bytes, items } = layouts[spec.dtype];
    const slot = pointerSlot();
    check(api, api.getTensorMutableData(value, slot));
    const size = count * bytes;
    adopted = size >= ADOPT_FROM && !isAmong(slot[0]!, inputs);
    const memory = adopted ? adopt(slot[0]!, size, () => api.releaseValue(value)) : copyMemory(slot[0]!, size);
    return { dtype: spec.dtype, shape, data: new array(memory, 0, count * items) } as Tensor;
  } finally {
    if (!adopted) api.releaseValue(value);
  }
}

function shapeOf({ api }: Runtime, value: bigint): number[] {
  const slot = pointerSlot();
  check(api, api.getTensorTypeAndShape(value, slot));
  const info = slot[0]!;
  try {
    check(api, api.getDimensionsCount(info, slot));
    const sizes = new BigInt64Array(Number(slot[0]));
    if (sizes.length > 0) check(api, api.getDimensions(info, sizes, sizes.length));
    return Array.from(sizes, Number);
  } finally {
    api.releaseTensorTypeAndShape(info);
  }
}
