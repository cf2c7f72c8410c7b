import type { RuleContext } from "./rule.js";
import type { Value } from "./value.js";

/* Sizes and indices that are computed while the model runs: int64, which is what ONNX counts in. */

/** The items of a constant of integers. */
export const numbers = (value: Value): readonly number[] =>
  Array.from((value.constant?.value().data ?? []) as ArrayLike<number | bigint>, Number);

/** int64 as ONNX wants its shapes, whatever TensorFlow counts them in. */
export function asInt64(c: RuleContext, value: Value): string {
  if (value.constant) {
    const items = numbers(value);
    return c.int64(value.constant.shape.length === 0 ? items[0]! : items);
  }
  return value.dtype === "int64" ? c.plain(value) : c.emit("Cast", [value], { to: c.onnxType("int64") });
}

/** A scalar, or a list, as a list. */
export function asList(c: RuleContext, value: Value): string {
  if (value.constant) return c.int64(numbers(value));
  const name = asInt64(c, value);
  return value.shape?.length === 1 ? name : c.emit("Reshape", [name, c.int64([-1])]);
}

/** The size of one dimension, as a list of one. The caller has made sure of the rank when `axis` is not negative. */
export function sizeOf(c: RuleContext, value: Value, axis: number): string {
  const known = value.shape?.at(axis) ?? -1;
  if (known !== -1) return c.int64([known]);
  return c.emit("Gather", [c.emit("Shape", [value]), c.int64([axis])]);
}

/** 0, 1, 2 … up to a count, which is a list of one. */
export const upTo = (c: RuleContext, count: string): string =>
  c.emit("Range", [c.int64(0), c.emit("Squeeze", [count, c.int64([0])]), c.int64(1)]);

/** Sizes, each a number or a list, as one list. */
export const shapeList = (c: RuleContext, sizes: readonly (number | string)[]): string =>
  sizes.every((size) => typeof size === "number")
    ? c.int64(sizes as readonly number[])
    : c.emit(
        "Concat",
        sizes.map((size) => (typeof size === "number" ? c.int64([size]) : size)),
        { axis: 0 },
      );

/** The value with its first `count` dimensions made one. */
export function joinLeading(c: RuleContext, value: Value, count: number): string {
  if (count === 1) return c.plain(value);
  const rest = c.emit("Slice", [c.emit("Shape", [value]), c.int64([count]), c.int64([2 ** 31 - 1])]);
  // With a size of 0 among them, -1 would stand for anything.
  const first = c.emit("ReduceProd", [c.emit("Slice", [c.emit("Shape", [value]), c.int64([0]), c.int64([count])])], {
    keepdims: 1,
  });
  return c.emit("Reshape", [value, c.emit("Concat", [first, rest], { axis: 0 })], { allowzero: 1 });
}
