import { sameTensor, type Value } from "../value.js";
import { counters, type LoopBodies, limits, unchanged } from "./shape.js";

const isZero = ({ constant, dtype }: Value) =>
  constant !== undefined && dtype.startsWith("int") && Number(constant.value().data[0]) === 0;

const sameNumber = (a: Value, b: Value) =>
  a.constant && b.constant
    ? Number(a.constant.value().data[0]) === Number(b.constant.value().data[0])
    : sameTensor(a, b);

/** Whether the loop's turns, counted from 0, are known to be as many as `size` says. */
export function turnsAre(bodies: LoopBodies, before: readonly Value[], size: Value): boolean {
  const conditions = limits(bodies);
  const counting = counters(bodies, before);
  if (!conditions || conditions.length === 0) return false;
  return conditions.every(({ counter, limit }) => {
    if (counting.get(counter) !== 1 || !isZero(before[counter]!)) return false;
    if ("value" in limit) return size.constant !== undefined && Number(size.constant.value().data[0]) === limit.value;
    return unchanged(bodies).has(limit.part) && sameNumber(before[limit.part]!, size);
  });
}
