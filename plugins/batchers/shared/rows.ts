import { allocate, elementCount, layouts, type Tensor } from "../../../core/index.js";

/** Array items of one row, the tensor's rank being 1 or more. */
function itemsPerRow({ dtype, shape }: Tensor): number {
  return elementCount(shape.slice(1)) * (dtype === "string" ? 1 : layouts[dtype].items);
}

/** Rows `from` up to, without, `to`; of numbers a view. */
export function sliceRows(tensor: Tensor, from: number, to: number): Tensor {
  if (from === 0 && to === tensor.shape[0]) return tensor;
  const items = itemsPerRow(tensor);
  const shape = [to - from, ...tensor.shape.slice(1)];
  const [start, end] = [from * items, to * items];
  const data = tensor.dtype === "string" ? tensor.data.slice(start, end) : tensor.data.subarray(start, end);
  return { dtype: tensor.dtype, shape, data } as Tensor;
}

/**
 * The tensors, equal but for dimension 0, one after the other as one of `rows` rows: what is missing is the first row
 * again. Rows to repeat are needed unless nothing is missing.
 */
export function stackRows(tensors: readonly Tensor[], rows: number): Tensor {
  const [first] = tensors;
  if (!first || (tensors.length === 1 && first.shape[0] === rows)) return first as Tensor;
  const shape = [rows, ...first.shape.slice(1)];
  const sample = tensors.find((each) => each.shape[0] !== 0);
  const row = sample && sliceRows(sample, 0, 1);
  if (first.dtype === "string") {
    const data: Uint8Array[] = [];
    for (const each of tensors) for (const item of each.data as readonly Uint8Array[]) data.push(item);
    const total = rows * itemsPerRow(first);
    while (row && data.length < total) for (const item of row.data as readonly Uint8Array[]) data.push(item);
    return { dtype: "string", shape, data };
  }
  // One type stands for all: equal dtypes have equal arrays.
  const data = allocate(first.dtype, elementCount(shape)) as Float32Array;
  let at = 0;
  const put = (part: Tensor) => {
    data.set(part.data as Float32Array, at);
    at += part.data.length;
  };
  for (const each of tensors) put(each);
  while (row && at < data.length) put(row);
  return { dtype: first.dtype, shape, data } as Tensor;
}
