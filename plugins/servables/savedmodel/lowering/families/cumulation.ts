import type { DType } from "../../../../../core/index.js";
import type { Nested } from "../../onnx/graph.js";
import type { Rule, RuleContext, Rules } from "../rule.js";
import { sizeOf } from "../sizes.js";

/** Writes what has been gathered so far and the next item together: inside the loop's own graph. `one` is a 1. */
type Step = (emit: (op: string, ...inputs: string[]) => string, sum: string, item: string, one: string) => string;

/** The dimension that is walked along: where it is, its size as an int64 scalar, and from which end. */
type Walk = { readonly axis: number; readonly size: string; readonly reverse: boolean };

/** Each item of a dimension together with all before it, which ONNX has for sums and products alone: a loop along the dimension. */
const cumulated =
  (start: number, step: Step): Rule =>
  (c) => {
    const value = c.input(0);
    const rank = c.requireRank(value);
    const given = c.int(1, "its axis");
    const axis = given < 0 ? given + rank : given;
    const others = Array.from({ length: rank }, (_, d) => d).filter((d) => d !== axis);
    const long = sizeOf(c, value, axis);
    const walk = { axis, size: c.emit("Squeeze", [long, c.int64([0])]), reverse: c.attrs.flag("reverse", false) };
    const inner = c.emit("Gather", [c.emit("Shape", [value]), c.int64(others)]);
    const first = c.emit("Expand", [c.scalar(c.dtypes[0]!, start), inner]);
    const body = bodyOf(c, c.plain(value), walk, step, c.attrs.flag("exclusive", false));
    const [, all] = c.emitMany("Loop", [walk.size, "", first], { body }, 2);
    // What a loop yields that takes no turn has no rank to rely on.
    const stacked = c.emit("Reshape", [all!, c.emit("Concat", [long, inner], { axis: 0 })], { allowzero: 1 });
    const end = c.int64([-1]);
    const forward = walk.reverse ? c.emit("Slice", [stacked, end, c.int64([-(2 ** 31)]), c.int64([0]), end]) : stacked;
    const perm = Array.from({ length: rank }, (_, d) => (d === axis ? 0 : others.indexOf(d) + 1));
    return c.value(c.emit("Transpose", [forward], { perm }), value.shape);
  };

function bodyOf(c: RuleContext, value: string, { axis, size, reverse }: Walk, step: Step, exclusive: boolean): Nested {
  const inner = c.builder.nested();
  const { name } = c.node;
  const dtype: DType = c.dtypes[0]!;
  const [turn, goes, sum] = ["turn", "goes", "sum"].map((like) => inner.name(`${name}/${like}`)) as [
    string,
    string,
    string,
  ];
  const emit = (op: string, ...inputs: string[]) => inner.emit(name, op, inputs)[0]!;
  const place = reverse ? emit("Sub", emit("Sub", size, c.int64(1)), turn) : turn;
  const item = inner.emit(name, "Gather", [value, place], { axis })[0]!;
  const next = step(emit, sum, item, c.scalar(dtype, 1));
  const outputs = [goes, next, exclusive ? sum : next].map((each, i) => ({
    name: emit("Identity", each),
    dtype: i === 0 ? ("bool" as const) : dtype,
  }));
  const inputs = [
    { name: turn, dtype: "int64" as const, shape: [] },
    { name: goes, dtype: "bool" as const, shape: [] },
    { name: sum, dtype },
  ];
  return { graph: inner.build(inputs, outputs) };
}

export const cumulationRules: Rules = {
  CumulativeLogsumexp: cumulated(Number.NEGATIVE_INFINITY, (emit, sum, item, one) => {
    // The greater one, plus what the lesser adds to it; two infinities of one sign have no difference.
    const most = emit("Max", sum, item);
    const distance = emit("Abs", emit("Sub", sum, item));
    const grown = emit("Add", most, emit("Log", emit("Add", one, emit("Exp", emit("Neg", distance)))));
    return emit("Where", emit("IsInf", most), most, grown);
  }),
};
