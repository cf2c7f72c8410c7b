import type { Value } from "../value.js";
import { scalarOf } from "./constants.js";

const ADDS: ReadonlySet<string> = new Set(["AddV2", "Add"]);
const SELECTS: ReadonlySet<string> = new Set(["SelectV2", "Select"]);

/**
 * The indices that are counted from the end of `size` rows where they are negative, as Keras writes before every lookup:
 * `where(i < 0, i + size, i)`. ONNX's Gather counts so by itself, and refuses the same indices. undefined for others.
 */
export function countedFromTheEnd(indices: Value, size: number): Value | undefined {
  const { origin } = indices;
  if (!origin || !SELECTS.has(origin.op)) return undefined;
  const [condition, wrapped, own] = origin.inputs as readonly [Value, Value, Value];
  const is = (value: Value | undefined) => value?.names === own.names;
  const compared = condition.origin;
  if (compared?.op !== "Less" || !is(compared.inputs[0]) || scalarOf(compared.inputs[1]) !== 0) return undefined;
  const sum = wrapped.origin;
  if (!sum || !ADDS.has(sum.op)) return undefined;
  const [x, y] = sum.inputs;
  const added = is(x) ? scalarOf(y) : is(y) ? scalarOf(x) : undefined;
  return added === size ? own : undefined;
}
