import type { Value } from "../value.js";
import { isNumber } from "./constants.js";

const DIVIDES: ReadonlySet<string> = new Set(["RealDiv", "Div"]);

const is = (a: Value | undefined, b: Value) => a?.names === b.names;

/** x, where this is x/2. */
function halved({ origin }: Value): Value | undefined {
  if (origin?.op !== "Mul") return undefined;
  const [a, b] = origin.inputs as readonly [Value, Value];
  return isNumber(a, 0.5) ? b : isNumber(b, 0.5) ? a : undefined;
}

/** Whether this is the complementary error function of -x/√2. */
function isTail({ origin }: Value, x: Value): boolean {
  const scaled = origin?.op === "Erfc" ? origin.inputs[0]?.origin : undefined;
  if (!scaled) return false;
  const [a, b] = scaled.inputs as readonly [Value, Value];
  const negated = ({ origin }: Value) => origin?.op === "Neg" && is(origin.inputs[0], x);
  if (DIVIDES.has(scaled.op)) return negated(a) && isNumber(b, Math.SQRT2);
  if (scaled.op !== "Mul") return false;
  return (negated(a) && isNumber(b, Math.SQRT1_2)) || (negated(b) && isNumber(a, Math.SQRT1_2));
}

/** x, where a product is the exact gelu of x as `tf.nn.gelu` writes it: `0.5 * x * erfc(-x / sqrt(2))`. */
export function geluOf(a: Value, b: Value): Value | undefined {
  for (const [half, tail] of [
    [a, b],
    [b, a],
  ] as const) {
    const x = halved(half);
    if (x?.dtype === "float32" && isTail(tail, x)) return x;
  }
  return undefined;
}
