import { elementCount, internal, layouts, type Tensor, type TensorSpec, type Tensors } from "../../../../core/index.js";
import { addressOf, adopt, copyMemory, pointerSlot } from "../../native/index.js";
import { elementTypeOf } from "../element-types.js";
import type { Runtime } from "./runtime.js";
import { check } from "./status.js";
import { createStringValue, readStrings } from "./strings.js";

// ONNX Runtime wants an address even for no bytes.
const nothing = new Uint8Array(8);

// What calls on this thread read from and write to while they last: arrays that native code is given cost more than they
// hold, so these are made once.
const slot = pointerSlot();
const shapes: BigInt64Array[] = [];

function nativeShape({ shape }: Tensor): BigInt64Array {
  shapes[shape.length] ??= new BigInt64Array(shape.length);
  const room = shapes[shape.length]!;
  for (let i = 0; i < room.length; i++) room[i] = BigInt(shape[i]!);
  return room;
}

/**
 * An `OrtValue` over the tensor's own memory, without a copy, so that the tensor must be held for as long as the value is
 * used; strings are copied. The caller releases it.
 */
export function toValue(runtime: Runtime, tensor: Tensor): bigint {
  const { api, cpuMemory } = runtime;
  const shape = nativeShape(tensor);
  if (tensor.dtype === "string") return createStringValue(runtime, tensor.data, shape);
  const elementType = elementTypeOf(tensor.dtype);
  if (elementType === undefined) throw internal(`ONNX has no element type for ${tensor.dtype}`);
  const size = tensor.data.byteLength;
  const data = size === 0 ? nothing : tensor.data;
  check(api, api.createTensorWithData(cpuMemory, data, size, shape, shape.length, elementType, slot));
  return slot[0]!;
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
    check(api, api.getTensorMutableData(value, slot));
    const [address = 0n] = slot;
    const size = count * bytes;
    adopted = size >= ADOPT_FROM && !isAmong(address, inputs);
    const memory = adopted ? adopt(address, size, () => api.releaseValue(value)) : copyMemory(address, size);
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
