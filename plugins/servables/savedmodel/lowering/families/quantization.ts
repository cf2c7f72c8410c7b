import { type Tensor, tensor } from "../../../../../core/index.js";
import { constantOf } from "../constant.js";
import type { RuleContext, Rules } from "../rule.js";
import type { Value } from "../value.js";
import { elementwise } from "./elementwise.js";

/** The least and the greatest number that are told apart, and how far apart they are. */
type Range = { readonly low: number; readonly high: number; readonly step: number };

const { fround } = Math;

/** TensorFlow moves a range so that 0 is one of its steps; in single precision, as there. */
function nudged(min: number, max: number, bits: number, narrow: boolean): Range {
  const [first, last] = [narrow ? 1 : 0, 2 ** bits - 1];
  const step = fround(fround(max - min) / fround(last - first));
  const zero = fround(first - fround(min / step));
  const place = zero < first ? first : zero > last ? last : Math.floor(zero + 0.5);
  return { low: fround(fround(first - place) * step), high: fround(fround(last - place) * step), step };
}

/** Numbers rounded to the steps of a range, of which there is one for all or one a channel, as floats. */
function fakeQuantized(c: RuleContext, mins: readonly number[], maxes: readonly number[], channels: boolean): Value {
  const bits = c.attrs.int("num_bits", 8);
  const narrow = c.attrs.flag("narrow_range", false);
  if (mins.some((min, i) => min > 0 || maxes[i]! < 0 || min >= maxes[i]!)) {
    return c.refuse("one of its ranges is empty or without 0");
  }
  const ranges = mins.map((min, i) => nudged(min, maxes[i]!, bits, narrow));
  const list = (values: readonly number[]): Value => {
    const shape = channels ? [values.length] : [];
    return c.result(constantOf(tensor("float32", shape, Float32Array.from(values)) as Tensor));
  };
  const [low, high] = [list(ranges.map((range) => range.low)), list(ranges.map((range) => range.high))];
  const [step, back] = [list(ranges.map((range) => range.step)), list(ranges.map((range) => fround(1 / range.step)))];
  return elementwise(c, [c.input(0), low, high, step, back], ([x, least, most, size, inverse]) => {
    const clamped = c.emit("Max", [c.emit("Min", [x!, most!]), least!]);
    const steps = c.emit("Mul", [c.emit("Sub", [clamped, least!]), inverse!]);
    const whole = c.emit("Floor", [c.emit("Add", [steps, c.scalar("float32", 0.5)])]);
    return c.emit("Add", [c.emit("Mul", [whole, size!]), least!]);
  });
}

const floats = (c: RuleContext, index: number, what: string) =>
  Array.from(c.known(index, what).data as Float32Array, Number);

function byInputs(c: RuleContext, channels: boolean): Value {
  return fakeQuantized(c, floats(c, 1, "the least of its range"), floats(c, 2, "the most of its range"), channels);
}

export const quantizationRules: Rules = {
  FakeQuantWithMinMaxArgs: (c) => fakeQuantized(c, [c.attrs.float("min", -6)], [c.attrs.float("max", 6)], false),
  FakeQuantWithMinMaxVars: (c) => byInputs(c, false),
  FakeQuantWithMinMaxVarsPerChannel: (c) => byInputs(c, true),
};
