import type { Value } from "../value.js";

/** The integers of a constant; undefined when the value is computed, or of another type. */
export function integersOf({ constant, dtype }: Value): readonly number[] | undefined {
  if (!constant || (dtype !== "int32" && dtype !== "int64")) return undefined;
  return Array.from(constant.value().data as Int32Array | BigInt64Array, Number);
}

/** The one integer of a constant scalar. */
export const scalarOf = (value: Value | undefined): number | undefined =>
  value?.shape?.length === 0 ? integersOf(value)?.[0] : undefined;

/** Whether it is a constant scalar of this number, as exactly as its type has it. */
export function isNumber({ constant, shape, dtype }: Value, number: number): boolean {
  if (!constant || shape?.length !== 0 || (dtype !== "float32" && dtype !== "float64")) return false;
  const [item] = constant.value().data as Float32Array | Float64Array;
  return dtype === "float32" ? item === Math.fround(number) : item === number;
}
