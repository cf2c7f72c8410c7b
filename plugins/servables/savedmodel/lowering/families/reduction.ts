import type { DType } from "../../../../../core/index.js";
import { failWhere } from "../checked.js";
import { CHANNELS_FIRST_AXIS, isImage } from "../image.js";
import type { Rule, RuleContext, Rules } from "../rule.js";
import { asInt64, asList } from "../sizes.js";
import { isFloat, type Shape, type Value } from "../value.js";

export function reducedShape(shape: Shape, axes: readonly number[], keep: boolean): Shape {
  if (shape === null) return null;
  const gone = new Set(axes.map((axis) => (axis < 0 ? axis + shape.length : axis)));
  return keep ? shape.map((size, d) => (gone.has(d) ? 1 : size)) : shape.filter((_, d) => !gone.has(d));
}

type Check = (c: RuleContext, dtype: DType) => void;
const anyNumber: Check = () => {};
export const floatsOnly: Check = (c, dtype) => {
  if (!isFloat(dtype)) c.refuse(`it computes in ${dtype}; only floating point is carried over`);
};

/**
 * The axes, counted from the start: ONNX Runtime gives the result of an empty tensor the wrong shape where they are
 * counted from the end. Where inputs of several ranks may come, the rank is asked for while the model runs.
 */
function fromTheStart(c: RuleContext, value: Value, axes: readonly number[]): string {
  if (axes.every((axis) => axis >= 0)) return c.int64(axes);
  const mixed = axes.some((axis) => axis >= 0);
  const rank = mixed ? c.requireRank(value) : c.settledRank(value);
  if (rank !== undefined) return c.int64(axes.map((axis) => (axis < 0 ? axis + rank : axis)));
  return c.emit("Add", [c.emit("Size", [c.emit("Shape", [value])]), c.int64(axes)]);
}

/** The same for axes that only the run tells. */
function computedFromTheStart(c: RuleContext, value: Value, axes: string): string {
  const negative = (list: string) => c.emit("Less", [list, c.int64([0])]);
  const rank = c.emit("Size", [c.emit("Shape", [value])]);
  const counted = c.emit("Where", [negative(axes), c.emit("Add", [axes, rank]), axes]);
  failWhere(c, negative(counted), "reduces along a dimension that its input does not have");
  return counted;
}

/** `write` is given the input's name, its axes and whether to keep them, and the sizes they have where those are known. */
type Write = (name: string, axes: string, keepdims: number, sizes: readonly number[]) => string;

function reduce(c: RuleContext, value: Value, write: Write): Value {
  const keep = c.attrs.flag("keep_dims", false);
  const at = c.input(1);
  if (!at.constant) {
    const shape = keep ? (value.shape?.map(() => -1) ?? null) : null;
    return c.value(write(c.plain(value), computedFromTheStart(c, value, asList(c, at)), Number(keep), [-1]), shape);
  }
  const axes = c.ints(1, "its reduction axes");
  const shape = reducedShape(value.shape, axes, keep);
  const sizes = axes.map((axis) => value.shape?.at(axis) ?? -1);
  const flat = isImage(value) ? undefined : withoutTail(c, value, axes, keep);
  if (flat) return c.value(write(flat.name, c.int64(flat.axes), 1, sizes), shape);
  if (isImage(value)) {
    const places = axes.map((axis) => CHANNELS_FIRST_AXIS[axis < 0 ? axis + 4 : axis]!);
    // Rows and columns stand side by side either way, so only a result of fewer dimensions has an order to keep.
    const plain = axes.length > 0 && !keep && remaining(places).every((axis, i, all) => i === 0 || all[i - 1]! < axis);
    if (keep) return c.image(write(c.channelsFirst(value), c.int64(places), 1, sizes), shape);
    if (plain) return c.value(write(c.channelsFirst(value), c.int64(places), 0, sizes), shape);
  }
  return c.value(write(c.plain(value), fromTheStart(c, value, axes), Number(keep), sizes), shape);
}

/**
 * The same reduction of fewer dimensions, whose result, reduced ones kept, has the shape that is asked for: where what
 * follows the axes is as many dimensions of 1. ONNX Runtime is many times faster where it reduces what lies side by side.
 */
function withoutTail(c: RuleContext, value: Value, axes: readonly number[], keep: boolean) {
  const rank = value.shape?.length;
  if (rank === undefined || keep) return undefined;
  const places = axes.map((axis) => (axis < 0 ? axis + rank : axis)).sort((a, b) => a - b);
  const tail = rank - places.length;
  const isFit = places.length > 0 && places.every((place, i) => place === tail - places.length + i);
  if (!isFit || value.shape!.slice(tail).some((size) => size !== 1)) return undefined;
  c.rank(value);
  const dropped = places.map((_, i) => tail + i);
  return { name: c.emit("Squeeze", [value, c.int64(dropped)]), axes: places };
}

/** The channels-first dimensions that stay, in the order in which NHWC has them. */
const remaining = (gone: readonly number[]) => CHANNELS_FIRST_AXIS.filter((axis) => !gone.includes(axis));

// Without axes TensorFlow reduces nothing.
const NOTHING = { noop_with_empty_axes: 1 };

const reduction =
  (op: string, check: Check = anyNumber): Rule =>
  (c) => {
    const value = c.input(0);
    check(c, value.dtype);
    return reduce(c, value, (name, axes, keepdims) => c.emit(op, [name, axes], { keepdims, ...NOTHING }));
  };

/** Whether they are sizes of one tensor, whose product is a number of elements and so never too large. */
const areSizes = ({ origin }: Value): boolean =>
  origin?.op === "Shape" || (/^(StridedSlice|Gather(V2)?)$/.test(origin?.op ?? "") && areSizes(origin!.inputs[0]!));

/** Fails the run where a product of integers overflows: ONNX Runtime stops at the greatest number, TensorFlow wraps. */
function failOnOverflow(c: RuleContext, dtype: DType, name: string, multiply: (wide: string) => string): void {
  const range = { int32: 2 ** 31, int64: 2 ** 63 }[dtype as string];
  if (range === undefined) return;
  const size = c.emit("Abs", [multiply(c.emit("Cast", [name], { to: c.onnxType("float64") }))]);
  failWhere(c, c.emit("GreaterOrEqual", [size, c.scalar("float64", range)]), "yields a product that overflows");
}

const product: Rule = (c) => {
  const value = c.input(0);
  return reduce(c, value, (name, axes, keepdims) => {
    const multiply = (factors: string) => c.emit("ReduceProd", [factors, axes], { keepdims, ...NOTHING });
    if (!areSizes(value)) failOnOverflow(c, value.dtype, name, multiply);
    return multiply(name);
  });
};

/** The greatest or least; ONNX Runtime overlooks a NaN that TensorFlow passes on. */
const extreme =
  (op: string): Rule =>
  (c) =>
    reduce(c, c.input(0), (name, axes, keepdims) => {
      const best = c.emit(op, [name, axes], { keepdims, ...NOTHING });
      if (!isFloat(c.dtypes[0]!)) return best;
      const odd = anyOf(c, c.emit("IsNaN", [name]), axes, keepdims, "ReduceMax");
      return c.emit("Where", [odd, c.scalar(c.dtypes[0]!, Number.NaN), best]);
    });

/** How many items the axes have together: an int64 scalar. */
function itemsAlong(c: RuleContext, name: string, axes: string): string {
  return c.emit("ReduceProd", [c.emit("Gather", [c.emit("Shape", [name]), axes])], { keepdims: 0 });
}

/** The mean of none is NaN, which ONNX Runtime calls 0; that of integers is rounded towards zero. */
const mean: Rule = (c) => {
  const dtype = c.dtypes[0]!;
  return reduce(c, c.input(0), (name, axes, keepdims, sizes) => {
    if (isFloat(dtype)) {
      const average = c.emit("ReduceMean", [name, axes], { keepdims, ...NOTHING });
      if (sizes.every((size) => size > 0)) return average;
      const empty = c.emit("Equal", [itemsAlong(c, name, axes), c.int64(0)]);
      return c.emit("Where", [empty, c.scalar(dtype, Number.NaN), average]);
    }
    // TensorFlow adds up in 64 bits whatever they are.
    const wide = c.emit("Cast", [name], { to: c.onnxType("int64") });
    const some = c.emit("Max", [itemsAlong(c, name, axes), c.int64(1)]);
    const quotient = c.emit("Div", [c.emit("ReduceSum", [wide, axes], { keepdims, ...NOTHING }), some]);
    return c.emit("Cast", [quotient], { to: c.onnxType(dtype) });
  });
};

/** And is the least of truth values, or the greatest; of none, which ONNX Runtime has no answer to for booleans, too. */
function anyOf(c: RuleContext, name: string, axes: string, keepdims: number, op: "ReduceMin" | "ReduceMax"): string {
  const numbers = c.emit("Cast", [name], { to: c.onnxType("uint8") });
  return c.emit("Cast", [c.emit(op, [numbers, axes], { keepdims, ...NOTHING })], { to: c.onnxType("bool") });
}

const logical =
  (op: "ReduceMin" | "ReduceMax"): Rule =>
  (c) =>
    reduce(c, c.input(0), (name, axes, keepdims) => anyOf(c, name, axes, keepdims, op));

/** As with sums, what is counted from the end goes wrong in an empty tensor: the dimension stays, as large as it was. */
function indexAlong(c: RuleContext, op: string, value: Value, given: Value | string, axis: number): string {
  const rank = axis < 0 ? c.settledRank(value) : 0;
  if (rank !== undefined) return c.emit(op, [given], { axis: axis < 0 ? axis + rank : axis, keepdims: 0 });
  const kept = c.emit(op, [given], { axis, keepdims: 1 });
  const one = c.emit("Slice", [kept, c.int64([0]), c.int64([1]), c.int64([axis])]);
  return c.emit("Squeeze", [one, c.int64([axis])]);
}

/** The first of the best; a NaN is never the best. */
const extremeIndex =
  (op: "ArgMax" | "ArgMin"): Rule =>
  (c) => {
    const value = c.input(0);
    const axis = c.int(1, "its axis");
    const worst = op === "ArgMax" ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
    const given = isFloat(value.dtype)
      ? c.emit("Where", [c.emit("IsNaN", [value]), c.scalar(value.dtype, worst), value])
      : value;
    const index = indexAlong(c, op, value, given, axis);
    const name = c.dtypes[0] === "int64" ? index : c.emit("Cast", [index], { to: c.onnxType(c.dtypes[0]!) });
    return c.value(name, reducedShape(value.shape, [axis], false));
  };

const cumulative = (c: RuleContext, op: "CumSum" | "CumProd"): Value => {
  const value = c.input(0);
  const attributes = {
    exclusive: Number(c.attrs.flag("exclusive", false)),
    reverse: Number(c.attrs.flag("reverse", false)),
  };
  const axis = asInt64(c, c.input(1));
  const along = (name: string) => c.emit(op, [name, axis], attributes);
  const name = c.plain(value);
  if (op === "CumProd") failOnOverflow(c, value.dtype, name, along);
  return c.value(along(name), value.shape);
};

export const reductionRules: Rules = {
  Sum: reduction("ReduceSum"),
  Mean: mean,
  Max: extreme("ReduceMax"),
  Min: extreme("ReduceMin"),
  Prod: product,
  EuclideanNorm: reduction("ReduceL2", floatsOnly),
  All: logical("ReduceMin"),
  Any: logical("ReduceMax"),
  ArgMax: extremeIndex("ArgMax"),
  ArgMin: extremeIndex("ArgMin"),
  Cumsum: (c) => cumulative(c, "CumSum"),
  Cumprod: (c) => cumulative(c, "CumProd"),
};
