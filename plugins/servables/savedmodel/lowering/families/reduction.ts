import type { DType } from "../../../../../core/index.js";
import { CHANNELS_FIRST_AXIS, isImage } from "../image.js";
import type { Rule, RuleContext, Rules } from "../rule.js";
import { isFloat, type Shape, type Value } from "../value.js";

function reducedShape(shape: Shape, axes: readonly number[], keep: boolean): Shape {
  if (shape === null) return null;
  const gone = new Set(axes.map((axis) => (axis < 0 ? axis + shape.length : axis)));
  return keep ? shape.map((size, d) => (gone.has(d) ? 1 : size)) : shape.filter((_, d) => !gone.has(d));
}

type Check = (c: RuleContext, dtype: DType) => void;
const anyNumber: Check = () => {};
// A mean of integers is rounded by rules of its own.
const floatsOnly: Check = (c, dtype) => {
  if (!isFloat(dtype)) c.refuse(`it computes in ${dtype}; only floating point is carried over`);
};

function reduce(c: RuleContext, value: Value, write: (name: string, axes: string, keepdims: number) => string): Value {
  const axes = c.ints(1, "its reduction axes");
  const keep = c.attrs.flag("keep_dims", false);
  const shape = reducedShape(value.shape, axes, keep);
  if (isImage(value)) {
    const places = axes.map((axis) => CHANNELS_FIRST_AXIS[axis < 0 ? axis + 4 : axis]!);
    // Rows and columns stand side by side either way, so only a result of fewer dimensions has an order to keep.
    const plain = axes.length > 0 && !keep && remaining(places).every((axis, i, all) => i === 0 || all[i - 1]! < axis);
    if (keep) return c.image(write(c.channelsFirst(value), c.int64(places), 1), shape);
    if (plain) return c.value(write(c.channelsFirst(value), c.int64(places), 0), shape);
  }
  return c.value(write(c.plain(value), c.int64(axes), Number(keep)), shape);
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

/** And is the least, or the greatest, of truth values. */
const logical =
  (op: string): Rule =>
  (c) =>
    reduce(c, c.input(0), (name, axes, keepdims) => {
      const numbers = c.emit("Cast", [name], { to: c.onnxType("uint8") });
      return c.emit("Cast", [c.emit(op, [numbers, axes], { keepdims, ...NOTHING })], { to: c.onnxType("bool") });
    });

const extremeIndex =
  (op: string): Rule =>
  (c) => {
    const value = c.input(0);
    const axis = c.int(1, "its axis");
    const index = c.emit(op, [value], { axis, keepdims: 0 });
    const name = c.dtypes[0] === "int64" ? index : c.emit("Cast", [index], { to: c.onnxType(c.dtypes[0]!) });
    return c.value(name, reducedShape(value.shape, [axis], false));
  };

const cumulative = (c: RuleContext): Value => {
  const value = c.input(0);
  const attributes = {
    exclusive: Number(c.attrs.flag("exclusive", false)),
    reverse: Number(c.attrs.flag("reverse", false)),
  };
  return c.value(c.emit("CumSum", [value, c.int64(c.int(1, "its axis"))], attributes), value.shape);
};

export const reductionRules: Rules = {
  Sum: reduction("ReduceSum"),
  Mean: reduction("ReduceMean", floatsOnly),
  Max: reduction("ReduceMax"),
  Min: reduction("ReduceMin"),
  Prod: reduction("ReduceProd"),
  EuclideanNorm: reduction("ReduceL2", floatsOnly),
  All: logical("ReduceMin"),
  Any: logical("ReduceMax"),
  ArgMax: extremeIndex("ArgMax"),
  ArgMin: extremeIndex("ArgMin"),
  Cumsum: cumulative,
};
