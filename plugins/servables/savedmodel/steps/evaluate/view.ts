import { elementCount, invalidArgument, type Tensor } from "../../../../../core/index.js";
import { numbersOf, stridesOf } from "../tensors.js";

/** How a result is read out of its source: an offset, and a step for each dimension of the result. */
export type View = { readonly shape: readonly number[]; readonly offset: number; readonly strides: readonly number[] };

export const whole = ({ shape }: Tensor): View => ({ shape, offset: 0, strides: stridesOf(shape) });

/** Calls `visit` with the place in the source of each element of the result, as a function of its number. */
export function places({ shape, offset, strides }: View): (index: number) => number {
  const own = stridesOf(shape);
  const rank = shape.length;
  return (index) => {
    let at = offset;
    for (let d = 0; d < rank; d++) {
      const step = own[d]!;
      const i = Math.floor(index / step);
      index -= i * step;
      at += i * strides[d]!;
    }
    return at;
  };
}

/** NumPy's broadcasting. @throws INVALID_ARGUMENT when the shapes do not fit */
export function broadcastShapes(shapes: readonly (readonly number[])[]): number[] {
  const rank = Math.max(0, ...shapes.map(({ length }) => length));
  return Array.from({ length: rank }, (_, d) => {
    let size = 1;
    for (const shape of shapes) {
      const own = shape[d - rank + shape.length] ?? 1;
      if (own === 1 || own === size) continue;
      if (size !== 1) throw invalidArgument(`Incompatible shapes: ${shapes.map((each) => `[${each}]`).join(" vs. ")}`);
      size = own;
    }
    return size;
  });
}

/** The tensor stretched to a shape that it can be broadcast to. */
export function stretched(tensor: Tensor, shape: readonly number[]): View {
  const own = stridesOf(tensor.shape);
  const missing = shape.length - tensor.shape.length;
  const strides = shape.map((_, d) => (d < missing || tensor.shape[d - missing] === 1 ? 0 : own[d - missing]!));
  return { shape, offset: 0, strides };
}

export function transposed({ shape }: Tensor, perm: readonly number[]): View {
  const own = stridesOf(shape);
  return { shape: perm.map((axis) => shape[axis]!), offset: 0, strides: perm.map((axis) => own[axis]!) };
}

/** ONNX's Slice: starts, ends, axes and steps as int64 lists. */
export function sliced(
  tensor: Tensor,
  starts: readonly number[],
  ends: readonly number[],
  axes: readonly number[],
  steps: readonly number[],
): View {
  const shape = [...tensor.shape];
  const strides = stridesOf(tensor.shape);
  let offset = 0;
  for (const [i, axis] of axes.entries()) {
    const d = axis < 0 ? axis + shape.length : axis;
    const [size, step] = [tensor.shape[d]!, steps[i] ?? 1];
    const [low, high] = step > 0 ? [0, size] : [-1, size - 1];
    const place = (value: number) => Math.min(Math.max(value < 0 ? value + size : value, low), high);
    const [start, end] = [place(starts[i]!), place(ends[i]!)];
    shape[d] = Math.max(0, Math.ceil((end - start) / step));
    if (shape[d] > 0) offset += start * strides[d]!;
    strides[d]! *= step;
  }
  return { shape, offset: elementCount(shape) === 0 ? 0 : offset, strides };
}

/** The axes that an optional input names; all where it is absent. */
export function axesOf(tensor: Tensor, given: Tensor | undefined): number[] {
  const { length } = tensor.shape;
  if (!given) return Array.from({ length }, (_, d) => d);
  return numbersOf(given).map((axis) => (axis < 0 ? axis + length : axis));
}
