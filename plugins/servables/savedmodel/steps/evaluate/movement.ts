import { elementCount, invalidArgument, type Tensor } from "../../../../../core/index.js";
import type { Pace } from "../pace.js";
import { blank, itemsOf, numbersOf, stridesOf } from "../tensors.js";
import { type Evaluators, moving, numberOf } from "./evaluator.js";
import { broadcastShapes, places, sliced, stretched, transposed, type View } from "./view.js";

async function read(source: Tensor, view: View, pace: Pace): Promise<Tensor> {
  const { tensor, items } = blank(source.dtype, view.shape);
  const from = itemsOf(source);
  const place = places(view);
  await pace.each(items.length, (i) => {
    items[i] = from[place(i)]!;
  });
  return tensor;
}

async function gather(table: Tensor, indices: Tensor, axis: number, pace: Pace): Promise<Tensor> {
  const d = axis < 0 ? axis + table.shape.length : axis;
  const [before, after] = [table.shape.slice(0, d), table.shape.slice(d + 1)];
  const [size, inner] = [table.shape[d]!, elementCount(after)];
  const { tensor, items } = blank(table.dtype, [...before, ...indices.shape, ...after]);
  const [from, at] = [itemsOf(table), itemsOf(indices)];
  const count = at.length;
  await pace.each(elementCount(before) * count, (row) => {
    const asked = Number(at[row % count]);
    const index = asked < 0 ? asked + size : asked;
    if (!(index >= 0 && index < size))
      throw invalidArgument(`indices[${row % count}] = ${asked} is not in [0, ${size})`);
    const start = (Math.floor(row / count) * size + index) * inner;
    for (let i = 0; i < inner; i++) items[row * inner + i] = from[start + i]!;
  });
  return tensor;
}

async function concat(parts: readonly Tensor[], axis: number, pace: Pace): Promise<Tensor> {
  const [first] = parts as readonly [Tensor];
  const d = axis < 0 ? axis + first.shape.length : axis;
  const fits = ({ shape }: Tensor) =>
    shape.length === first.shape.length && shape.every((size, i) => i === d || size === first.shape[i]);
  const odd = parts.find((part) => !fits(part));
  if (odd) {
    throw invalidArgument(
      `ConcatOp : Dimension mismatch between shapes of inputs: shape[0] = [${first.shape}] vs. [${odd.shape}]`,
    );
  }
  const shape = first.shape.map((size, i) => (i === d ? parts.reduce((sum, part) => sum + part.shape[d]!, 0) : size));
  const { tensor, items } = blank(first.dtype, shape);
  const inner = elementCount(shape.slice(d + 1));
  const stride = shape[d]! * inner;
  let offset = 0;
  for (const part of parts) {
    const [from, length] = [itemsOf(part), part.shape[d]! * inner];
    const start = offset;
    await pace.each(length === 0 ? 0 : from.length, (i) => {
      const row = Math.floor(i / length);
      items[row * stride + start + (i - row * length)] = from[i]!;
    });
    offset += length;
  }
  return tensor;
}

async function tile(source: Tensor, repeats: readonly number[], pace: Pace): Promise<Tensor> {
  const { tensor, items } = blank(
    source.dtype,
    source.shape.map((size, d) => size * repeats[d]!),
  );
  const [from, own, all] = [itemsOf(source), stridesOf(source.shape), stridesOf(tensor.shape)];
  await pace.each(items.length, (i) => {
    let at = 0;
    for (const [d, size] of source.shape.entries()) at += (Math.floor(i / all[d]!) % size) * own[d]!;
    items[i] = from[at]!;
  });
  return tensor;
}

async function where(condition: Tensor, yes: Tensor, no: Tensor, pace: Pace): Promise<Tensor> {
  const shape = broadcastShapes([condition.shape, yes.shape, no.shape]);
  const { tensor, items } = blank(yes.dtype, shape);
  const [flags, a, b] = [itemsOf(condition), itemsOf(yes), itemsOf(no)];
  const [flagAt, aAt, bAt] = [condition, yes, no].map((each) => places(stretched(each, shape))) as [
    (i: number) => number,
    (i: number) => number,
    (i: number) => number,
  ];
  await pace.each(items.length, (i) => {
    items[i] = flags[flagAt(i)] ? a[aAt(i)]! : b[bAt(i)]!;
  });
  return tensor;
}

async function split(source: Tensor, sizes: readonly number[], axis: number, pace: Pace): Promise<Tensor[]> {
  const parts: Tensor[] = [];
  let start = 0;
  for (const size of sizes) {
    parts.push(await read(source, sliced(source, [start], [start + size], [axis], [1]), pace));
    start += size;
  }
  return parts;
}

export const movement: Evaluators = {
  Split: {
    strings: true,
    open: (attributes) => {
      const axis = numberOf(attributes, "axis", 0);
      return ([value, sizes], pace, wanted) => {
        const size = value!.shape[axis < 0 ? axis + value!.shape.length : axis]!;
        // Without sizes the parts are of one size, but for a smaller last one.
        const each = Math.ceil(size / wanted.length);
        const equal = wanted.map((_, i) => Math.max(0, Math.min(each, size - i * each)));
        return split(value!, sizes ? numbersOf(sizes) : equal, axis, pace);
      };
    },
  },
  Gather: moving((attributes) => {
    const axis = numberOf(attributes, "axis", 0);
    return ([table, indices], pace) => gather(table!, indices!, axis, pace);
  }),
  Concat: moving((attributes) => {
    const axis = numberOf(attributes, "axis", 0);
    return (parts, pace) => concat(parts, axis, pace);
  }),
  Slice: moving(() => ([value, starts, ends, axes, steps], pace) => {
    const from = numbersOf(starts);
    const along = axes ? numbersOf(axes) : from.map((_, d) => d);
    return read(value!, sliced(value!, from, numbersOf(ends), along, numbersOf(steps)), pace);
  }),
  Transpose: moving((attributes) => ([value], pace) => {
    const reversed = value!.shape.map((_, d) => value!.shape.length - 1 - d);
    return read(value!, transposed(value!, (attributes.perm as readonly number[] | undefined) ?? reversed), pace);
  }),
  Expand: moving(() => ([value, shape], pace) => {
    return read(value!, stretched(value!, broadcastShapes([value!.shape, numbersOf(shape)])), pace);
  }),
  Tile: moving(
    () =>
      ([value, repeats], pace) =>
        tile(value!, numbersOf(repeats), pace),
  ),
  Where: moving(
    () =>
      ([condition, yes, no], pace) =>
        where(condition!, yes!, no!, pace),
  ),
};
