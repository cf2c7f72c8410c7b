import { elementCount, invalidArgument, type Tensor } from "../../../../../core/index.js";
import type { Pace } from "../pace.js";
import { blank, itemsOf, numbersOf, withShape } from "../tensors.js";
import { type Attributes, type Evaluator, type Evaluators, numberOf, numeric } from "./evaluator.js";
import { axesOf, places, transposed } from "./view.js";

type Join = (a: never, b: never) => number | bigint;

/** Every result is joined from `start` and its elements, in their order. */
async function reduced(value: Tensor, axes: readonly number[], keep: boolean, join: Join, start: Start, pace: Pace) {
  const gone = new Set(axes);
  const kept = value.shape.flatMap((_, d) => (gone.has(d) ? [] : [d]));
  const shape = kept.map((d) => value.shape[d]!);
  const { tensor, items } = blank(value.dtype, shape);
  const inner = elementCount(axes.map((d) => value.shape[d]!));
  const from = itemsOf(value);
  const place = places(transposed(value, [...kept, ...gone]));
  const first = start(value.dtype);
  await pace.each(items.length, (row) => {
    let result = first;
    for (let i = 0; i < inner; i++) result = join(result as never, from[place(row * inner + i)] as never);
    items[row] = result;
  });
  return keep
    ? withShape(
        tensor,
        value.shape.map((size, d) => (gone.has(d) ? 1 : size)),
      )
    : tensor;
}

type Start = (dtype: Tensor["dtype"]) => number | bigint;
const typed =
  (value: number): Start =>
  (dtype) =>
    dtype === "int64" ? BigInt(value) : value;
const least: Start = (dtype) =>
  dtype === "int64" ? -(2n ** 63n) : dtype === "int32" ? -(2 ** 31) : Number.NEGATIVE_INFINITY;
const most: Start = (dtype) => (dtype === "int64" ? 2n ** 63n - 1n : dtype === "int32" ? 2 ** 31 - 1 : Infinity);

const reduction = (join: Join, start: Start, forInt32 = join): Evaluator =>
  numeric((attributes: Attributes) => ([value, axes], pace) => {
    const keep = numberOf(attributes, "keepdims", 1) === 1;
    if (axes?.data.length === 0 && numberOf(attributes, "noop_with_empty_axes", 0) === 1) return value!;
    const chosen = value!.dtype === "int32" ? forInt32 : join;
    return reduced(value!, axesOf(value!, axes?.data.length === 0 ? undefined : axes), keep, chosen, start, pace);
  });

async function cumSum(value: Tensor, axis: number, attributes: Attributes, pace: Pace): Promise<Tensor> {
  const d = axis < 0 ? axis + value.shape.length : axis;
  const [exclusive, reverse] = [numberOf(attributes, "exclusive", 0) === 1, numberOf(attributes, "reverse", 0) === 1];
  const [size, inner] = [value.shape[d]!, elementCount(value.shape.slice(d + 1))];
  const { tensor, items } = blank(value.dtype, value.shape);
  const from = itemsOf(value);
  const zero = value.dtype === "int64" ? 0n : 0;
  await pace.each(size === 0 ? 0 : items.length / size, (row) => {
    const start = Math.floor(row / inner) * size * inner + (row % inner);
    let sum: number | bigint = zero;
    for (let step = 0; step < size; step++) {
      const at = start + (reverse ? size - 1 - step : step) * inner;
      const next: number | bigint = (sum as number) + (from[at] as number);
      items[at] = exclusive ? sum : next;
      sum = exclusive ? next : (items[at] as number | bigint);
    }
  });
  return tensor;
}

async function range(start: Tensor, limit: Tensor, delta: Tensor, pace: Pace): Promise<Tensor> {
  const [from, to, step] = [start, limit, delta].map((each) => Number(each.data[0])) as [number, number, number];
  if (step === 0) throw invalidArgument("Requires delta != 0: 0");
  const { tensor, items } = blank(start.dtype, [Math.max(0, Math.ceil((to - from) / step))]);
  const exact = start.dtype === "int64" ? BigInt : Number;
  await pace.each(items.length, (i) => {
    items[i] = exact(from + i * step);
  });
  return tensor;
}

export const reductions: Evaluators = {
  ReduceMax: reduction((a: number, b: number) => (b > a || Number.isNaN(b) ? b : a), least),
  ReduceMin: reduction((a: number, b: number) => (b < a || Number.isNaN(b) ? b : a), most),
  ReduceProd: reduction((a: number, b: number) => a * b, typed(1), Math.imul),
  ReduceSum: reduction((a: number, b: number) => a + b, typed(0)),
  CumSum: numeric(
    (attributes) =>
      ([value, axis], pace) =>
        cumSum(value!, numbersOf(axis)[0]!, attributes, pace),
  ),
  Range: numeric(
    () =>
      ([start, limit, delta], pace) =>
        range(start!, limit!, delta!, pace),
  ),
};
