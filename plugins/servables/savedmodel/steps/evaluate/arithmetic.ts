import type { DType, Tensor } from "../../../../../core/index.js";
import { dtypeOfOnnx } from "../../onnx/data-types.js";
import type { Pace } from "../pace.js";
import { blank, type Elements, itemsOf } from "../tensors.js";
import { type Evaluator, type Evaluators, numberOf, numeric } from "./evaluator.js";
import { broadcastShapes, places, stretched } from "./view.js";

/** Results are wrapped to their type as they are stored. */
type Binary = (a: never, b: never) => number | bigint | boolean;

async function pairwise(a: Tensor, b: Tensor, dtype: DType, apply: Binary, pace: Pace): Promise<Tensor> {
  const shape = broadcastShapes([a.shape, b.shape]);
  const { tensor, items } = blank(dtype, shape);
  const [x, y] = [itemsOf(a), itemsOf(b)];
  const [xAt, yAt] = [places(stretched(a, shape)), places(stretched(b, shape))];
  await pace.each(items.length, (i) => {
    const result = apply(x[xAt(i)] as never, y[yAt(i)] as never);
    items[i] = typeof result === "boolean" ? Number(result) : result;
  });
  return tensor;
}

const product = (a: number, b: number) => a * b;
const binary = (apply: Binary, forInt32 = apply): Evaluator =>
  numeric(() => async (values, pace) => {
    let [result] = values as [Tensor];
    const chosen = result.dtype === "int32" ? forInt32 : apply;
    for (const value of values.slice(1)) result = await pairwise(result, value, result.dtype, chosen, pace);
    return result;
  });
const comparison = (apply: Binary): Evaluator =>
  numeric(
    () =>
      ([a, b], pace) =>
        pairwise(a!, b!, "bool", apply, pace),
  );

/** Of strings, the same bytes. */
const same = (a: unknown, b: unknown) =>
  a === b ||
  (a instanceof Uint8Array && b instanceof Uint8Array && a.length === b.length && a.every((x, i) => x === b[i]));

const larger = (a: number, b: number) => (a > b || Number.isNaN(a) ? a : b);
const smaller = (a: number, b: number) => (a < b || Number.isNaN(a) ? a : b);

const OUTSIDE = { int32: -(2 ** 31), int64: -(2n ** 63n) };

/** What becomes of one element: what an x86 processor makes of a number outside of an integer's range is its least. */
function converter(from: DType, to: DType): (value: number | bigint) => number | bigint {
  if (to === "bool") return (value) => Number(Boolean(value) || Number.isNaN(value));
  if (to === "int64") {
    if (from === "int64") return (value) => value;
    return (value) => {
      const number = Math.trunc(value as number);
      return number >= -(2 ** 63) && number < 2 ** 63 ? BigInt(number) : OUTSIDE.int64;
    };
  }
  if (to !== "int32" || !from.startsWith("float")) return (value) => Number(value);
  return (value) => {
    const number = Math.trunc(value as number);
    return number >= -(2 ** 31) && number < 2 ** 31 ? number : OUTSIDE.int32;
  };
}

async function cast(value: Tensor, to: DType, pace: Pace): Promise<Tensor> {
  if (value.dtype === to) return value;
  const { tensor, items } = blank(to, value.shape);
  const from: Elements = itemsOf(value);
  const convert = converter(value.dtype, to);
  if (value.dtype === "int64" && to === "int32") {
    await pace.each(items.length, (i) => {
      items[i] = Number(BigInt.asIntN(32, from[i] as bigint));
    });
  } else {
    await pace.each(items.length, (i) => {
      items[i] = convert(from[i] as number | bigint);
    });
  }
  return tensor;
}

export const arithmetic: Evaluators = {
  Add: binary((a: number, b: number) => a + b),
  Sub: binary((a: number, b: number) => a - b),
  Mul: binary(product, Math.imul),
  Max: binary(larger),
  Min: binary(smaller),
  Equal: { ...comparison(same), strings: true },
  Less: comparison((a: number, b: number) => a < b),
  LessOrEqual: comparison((a: number, b: number) => a <= b),
  Greater: comparison((a: number, b: number) => a > b),
  GreaterOrEqual: comparison((a: number, b: number) => a >= b),
  And: comparison((a: number, b: number) => Boolean(a && b)),
  Or: comparison((a: number, b: number) => Boolean(a || b)),
  Not: numeric(
    () =>
      ([value], pace) =>
        pairwise(value!, value!, "bool", (a: number) => !a, pace),
  ),
  // Strings are no numbers here: ONNX casts them, too, but prints floats in its own way.
  Cast: numeric((attributes) => {
    const to = dtypeOfOnnx(numberOf(attributes, "to", 1))!;
    return ([value], pace) => cast(value!, to, pace);
  }),
};
