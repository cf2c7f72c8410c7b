import type { Output } from "../../../graph/node.js";
import type { Nested } from "../../../onnx/graph.js";
import { type Builder, integers } from "../../builder.js";
import { failWhere } from "../../checked.js";
import { emitCheck } from "../../guards.js";
import type { RuleContext } from "../../rule.js";
import { type Shape, union, type Value } from "../../value.js";
import { putTogether } from "../gathered.js";
import { sizeList } from "../lists.js";
import { counters, type LoopBodies, limits, unchanged } from "../shape.js";
import { turnsAre } from "../trips.js";
import { gruStep } from "./gru.js";
import { isSteady, type Layer, layerOf } from "./layer.js";
import { lstmStep } from "./lstm.js";

/** An ONNX layer: its operator, its weights by name of the body's tensors, and the states it hands on, in its order. */
type Cell = {
  readonly op: "LSTM" | "GRU";
  /** ONNX's gates by TensorFlow's places. */
  readonly order: readonly number[];
  readonly kernel: Output;
  readonly recurrent: Output;
  readonly bias: Output | undefined;
  readonly recurrentBias: Output | undefined;
  readonly states: readonly number[];
  readonly attributes: Readonly<Record<string, number>>;
};

/** A layer that was recognised, with its weights and what it walks along: [steps, batch, features]. */
type Found = {
  readonly layer: Layer;
  readonly cell: Cell;
  /** The kernel, the recurrent kernel, and the biases that it has. */
  readonly weights: readonly Value[];
  readonly steps: Value;
  readonly elements: Value;
  readonly units: number;
};

function cellOf(layer: Layer, units = -1): Cell | undefined {
  const lstm = lstmStep(layer);
  if (lstm) {
    const { hidden, cell, ...weights } = lstm;
    const states = [hidden, cell];
    return { op: "LSTM", order: [0, 3, 1, 2], ...weights, recurrentBias: undefined, states, attributes: {} };
  }
  const gru = gruStep(layer, units);
  if (!gru) return undefined;
  const { hidden, ...weights } = gru;
  return { op: "GRU", order: [0, 1, 2], ...weights, states: [hidden], attributes: { linear_before_reset: 1 } };
}

const isZero = ({ constant }: Value) => constant !== undefined && Number(constant.value().data[0]) === 0;

/** The number of steps, where one part of the state or a number says it. */
function stepsOf(c: RuleContext, bodies: LoopBodies, before: readonly Value[]): Value | undefined {
  const limit = limits(bodies)?.[0]?.limit;
  if (!limit) return undefined;
  const steps = "part" in limit ? before[limit.part]! : numberOf(c, limit.value);
  return turnsAre(bodies, before, steps) ? steps : undefined;
}

const numberOf = (c: RuleContext, value: number): Value => c.result(integers(value, "int32"));

/**
 * A recurrent layer as ONNX's own operator for it, which takes a fraction of the time that a loop does; undefined where
 * the loop is anything else.
 */
export function writeLayer(c: RuleContext, bodies: LoopBodies, before: readonly Value[]): readonly Value[] | undefined {
  const layer = layerOf(bodies, before);
  if (!layer || !isZero(before[layer.counter]!)) return undefined;
  const cell = cellOf(layer, before[layer.states[0]!]?.shape?.[1]);
  const steps = stepsOf(c, bodies, before);
  const source = before[layer.source]!.list;
  const target = before[layer.target.part]!;
  if (!cell || !steps || source?.kind !== "dense" || target.list?.kind !== "blank") return undefined;
  if (layer.target.at === "start" && Number(target.list.length.constant?.value().data[0]) !== 1) return undefined;
  const matrices = [source.elements, ...cell.states.map((i) => before[i]!)];
  if (matrices.some(({ dtype, shape }, i) => dtype !== "float32" || shape?.length !== (i === 0 ? 3 : 2)))
    return undefined;
  const fixed = unchanged(bodies);
  const weights = [cell.kernel, cell.recurrent, cell.bias, cell.recurrentBias].filter((each) => each !== undefined);
  if (!weights.every((each) => isSteady(bodies, fixed, each))) return undefined;
  const values = c.run({ ...layer.body, results: weights }, before);
  const units = values[1]!.shape?.[0] ?? -1;
  if (units < 1 || !fits(values, units, cell)) return undefined;

  for (const value of matrices) c.rank(value);
  const elements = source.elements;
  return emitLayer(c, bodies, before, { layer, cell, weights: values, steps, elements, units });
}

/** Whether the weights are those of a layer of so many units. */
function fits([kernel, recurrent, ...biases]: readonly Value[], units: number, { order }: Cell): boolean {
  const width = order.length * units;
  const is = ({ dtype, shape }: Value, ...wanted: readonly number[]) =>
    dtype === "float32" &&
    shape?.length === wanted.length &&
    wanted.every((size, d) => size === -1 || shape[d] === size);
  return is(kernel!, -1, width) && is(recurrent!, units, width) && biases.every((bias) => is(bias, width));
}

/** A weight with its gates along the first dimension, in ONNX's order, behind a dimension for the direction. */
function gates(c: RuleContext, name: string, { order }: Cell, units: number): string {
  const parts = c.emitMany("Split", [name, c.int64(order.map(() => units))], { axis: 0 }, order.length);
  return c.emit(
    "Concat",
    order.map((i) => parts[i]!),
    { axis: 0 },
  );
}

function emitLayer(
  c: RuleContext,
  bodies: LoopBodies,
  before: readonly Value[],
  { layer, cell, weights, steps, elements, units }: Found,
): readonly Value[] {
  const count = sizeList(c.builder, c.node.name, steps);
  const have = c.emit("Shape", [elements], { start: 0, end: 1 });
  const enough = c.emit("And", [c.emit("GreaterOrEqual", [count, c.int64([1])]), c.emit("LessOrEqual", [count, have])]);
  const scalar = c.emit("Squeeze", [enough]);
  c.builder.guard(emitCheck(c.builder, `"${c.node.name}" has no steps, or more than inputs`, scalar));
  const inputs = c.emit("Slice", [elements, c.int64([0]), count, c.int64([0])]);
  // ONNX Runtime clips what comes out of a NaN, or of infinities that cancel out, to finite numbers.
  for (const name of [inputs, ...cell.states.map((i) => c.plain(before[i]!))]) {
    failWhere(c, c.emit("IsNaN", [c.emit("Sub", [name, name])]), "is given NaN or infinity");
  }

  const direction = (name: string) => c.emit("Unsqueeze", [name, c.int64([0])]);
  const matrix = (value: Value) => direction(gates(c, c.emit("Transpose", [value], { perm: [1, 0] }), cell, units));
  const rest = weights.slice(2);
  const none = c.emit("ConstantOfShape", [c.int64([units * cell.order.length])]);
  const [bias, recurrentBias] = [cell.bias, cell.recurrentBias].map((each) =>
    each ? gates(c, c.plain(rest.shift()!), cell, units) : none,
  );
  const names = emitGuarded(c, cell, units, count, inputs, [
    matrix(weights[0]!),
    matrix(weights[1]!),
    direction(c.emit("Concat", [bias!, recurrentBias!], { axis: 0 })),
    "",
    ...cell.states.map((i) => direction(c.plain(before[i]!))),
  ]);

  const from = union(before);
  const batch = elements.shape?.[1] ?? -1;
  const value = (plain: string, shape: Shape): Value => ({ dtype: "float32", shape, from, names: { plain } });
  const last = names.slice(1).map((name) => value(c.emit("Squeeze", [name, c.int64([0])]), [batch, units]));
  const each = value(c.emit("Squeeze", [names[0]!, c.int64([1])]), [-1, batch, units]);
  const results = [...before];
  for (const [k, i] of cell.states.entries()) results[i] = last[k]!;
  for (const [i, step] of counters(bodies, before)) {
    const { dtype } = before[i]!;
    const turns = c.emit("Cast", [c.emit("Squeeze", [count])], { to: c.onnxType(dtype) });
    const plain = c.emit(step === 1 ? "Add" : "Sub", [before[i]!, turns]);
    results[i] = { dtype, shape: [], from, names: { plain } };
  }
  const { part, at } = layer.target;
  const { list } = before[part]!;
  const item = last[0]!;
  const start = before[layer.counter]!;
  const fills = list?.kind === "blank" && turnsAre(bodies, before, list.length);
  results[part] =
    at === "start"
      ? putTogether(c, before[part]!, { write: { item, at: "first" }, items: item, fills: false })
      : putTogether(c, before[part]!, {
          write: { item, at: { counter: "", resize: false } },
          items: each,
          from: { start, step: 1 },
          fills,
        });
  return results;
}

/**
 * The operator, where there is something for it to do: ONNX Runtime's ends the process on a batch of none or on no steps. Without steps
 * the states stay as they are.
 */
function emitGuarded(
  c: RuleContext,
  { op, states, attributes }: Cell,
  units: number,
  steps: string,
  inputs: string,
  rest: readonly string[],
): readonly string[] {
  const scope = c.node.name;
  const batch = c.emit("Shape", [inputs], { start: 1, end: 2 });
  // The inputs' own number of steps: a call may bring fewer than the loop asks for.
  const least = c.emit("ReduceMin", [c.emit("Shape", [inputs], { start: 0, end: 2 })], { keepdims: 0 });
  const some = c.emit("Greater", [least, c.int64(0)]);
  const graph = (inner: Builder, names: readonly string[]): Nested => ({
    graph: inner.build(
      [],
      names.map((name) => ({ name, dtype: "float32" })),
    ),
  });

  const count = 1 + states.length;
  const run = c.builder.nested();
  const ran = run.emit(scope, op, [inputs, ...rest], { hidden_size: units, ...attributes }, count);
  const skip = c.builder.nested();
  const dims = [steps, c.int64([1]), batch, c.int64([units])];
  const none = skip.emit(scope, "ConstantOfShape", skip.emit(scope, "Concat", dims, { axis: 0 }))[0]!;
  const kept = rest.slice(-states.length).map((name) => skip.emit(scope, "Identity", [name])[0]!);
  return c.emitMany("If", [some], { then_branch: graph(run, ran), else_branch: graph(skip, [none, ...kept]) }, count);
}
