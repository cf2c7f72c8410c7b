import { allocate, elementCount, layouts, type Tensor } from "../../../core/index.js";

/** Of each dimension but the first, the largest size. The tensors have one rank. */
export function commonShape(tensors: readonly Tensor[]): readonly number[] {
  const [first] = tensors;
  return (first?.shape ?? [])
    .slice(1)
    .map((_, i) => tensors.reduce((most, { shape }) => Math.max(most, shape[i + 1] ?? 0), 0));
}

/** A tensor grown to `inner` in all dimensions but the first; what is new is its first element, or zero or "". */
export function padInner(tensor: Tensor, inner: readonly number[]): Tensor {
  const { dtype, shape: old } = tensor;
  if (inner.every((size, i) => size === old[i + 1])) return tensor;
  const shape = [old[0] ?? 0, ...inner];
  const items = dtype === "string" ? 1 : layouts[dtype].items;
  const target = filled(tensor, elementCount(shape), items);
  const [from, to] = [stridesOf(old, items), stridesOf(shape, items)];
  const last = old.length - 1;
  const copy = (axis: number, source: number, at: number): void => {
    const size = old[axis] ?? 0;
    if (axis === last) {
      for (let i = 0; i < size * items; i++) target[at + i] = tensor.data[source + i] as never;
      return;
    }
    for (let i = 0; i < size; i++) copy(axis + 1, source + i * (from[axis] ?? 0), at + i * (to[axis] ?? 0));
  };
  copy(0, 0, 0);
  return { dtype, shape, data: target } as unknown as Tensor;
}

function filled({ dtype, data }: Tensor, count: number, items: number): Record<number, unknown> {
  if (dtype === "string") return new Array<Uint8Array>(count).fill((data[0] as Uint8Array) ?? new Uint8Array());
  const target = allocate(dtype, count) as Float32Array;
  const element = data.slice(0, items) as Float32Array;
  if (items === 1) return element.length === 0 ? target : target.fill(element[0] as number);
  for (let at = 0; element.length > 0 && at < target.length; at += items) target.set(element, at);
  return target;
}

/** Array items from one index to the next, of each dimension. */
function stridesOf(shape: readonly number[], items: number): readonly number[] {
  return shape.map((_, axis) => elementCount(shape.slice(axis + 1)) * items);
}
