import { tensor } from "../../../../../core/index.js";
import type { OnnxValue } from "../../onnx/graph.js";
import type { Builder } from "../builder.js";
import { constantOf } from "../constant.js";
import { knownPredicate, predicate } from "../families/branches.js";
import { allGuards } from "../guards.js";
import type { RuleContext } from "../rule.js";
import { joinedShape, type Shape, union, type Value } from "../value.js";
import { putTogether } from "./gathered.js";
import { denseList, listOf, NeedsWhole, type Pending, type Slot, type Write, zeros } from "./lists.js";
import { writeLayer } from "./recurrent/write.js";
import { counters, type LoopBodies, unchanged } from "./shape.js";
import { turnsAre } from "./trips.js";

/** One part of a loop's state as the ONNX loop has it. */
type Part =
  /** No turn changes it: turns see it from outside. */
  | { readonly kind: "fixed"; readonly before: Value }
  /** Handed from turn to turn; a list as one tensor. */
  | { readonly kind: "carried"; readonly before: Value; readonly name: string; readonly isList: boolean }
  /** A list that turns write to; what they write is gathered. */
  | { readonly kind: "written"; readonly before: Value; readonly slot: Slot };

type Plan = { readonly parts: readonly Part[]; readonly from: ReadonlySet<string> };

/** A turn written as a graph; or the shapes that turned out to be less known. */
type Turn =
  | { readonly kind: "changed"; readonly shapes: readonly Shape[] }
  | { readonly kind: "written"; readonly next: readonly Value[]; readonly again: Value };

const isKnown = (shape: Shape): shape is readonly number[] => shape !== null && !shape.includes(-1);
const sizeOf = ({ constant }: Value) => (constant ? Number(constant.value().data[0]) : Number.NaN);
const always = (holds: boolean) => constantOf(tensor("bool", [], Uint8Array.of(Number(holds))));

/**
 * TensorFlow's While as ONNX's Loop. Shapes that change from turn to turn are found by writing the turn again with less
 * known of them, until nothing changes; and so are lists that the loop does more to than to write them turn by turn.
 */
export function writeLoop(c: RuleContext, bodies: LoopBodies, before: readonly Value[]): readonly Value[] {
  const counts = [bodies.body.results, bodies.body.parameters, bodies.cond.parameters].map(({ length }) => length);
  if (counts.some((count) => count !== before.length)) c.refuse("its functions take other states than it has");
  const layer = writeLayer(c, bodies, before);
  if (layer) return layer;
  const first = c.run(bodies.cond, before)[0] ?? c.refuse("its condition yields nothing");
  const starts = knownPredicate(c, first);
  if (starts === false) return before;
  const start = starts ? c.constant(always(true)) : predicate(c, first);

  const whole = new Map<number, Value>();
  let shapes: readonly Shape[] = before.map(({ shape }) => shape);
  for (;;) {
    const inner = c.builder.nested();
    const plan = planOf(c, bodies, before, whole, inner);
    try {
      const turn = writeTurn(c, bodies, plan, shapes, inner);
      if (turn.kind === "written")
        return emitLoop(c, bodies, plan, turn, inner, { holds: start, known: starts === true });
      shapes = turn.shapes;
    } catch (error) {
      const at = plan.parts.findIndex(
        (part) => part.kind === "written" && error instanceof NeedsWhole && part.slot === error.slot,
      );
      if (at < 0) throw error;
      const elements = denseList(c.builder, c.node.name, before[at]!);
      whole.set(at, elements);
      shapes = shapes.with(at, elements.shape);
    }
  }
}

function planOf(
  c: RuleContext,
  bodies: LoopBodies,
  before: readonly Value[],
  whole: ReadonlyMap<number, Value>,
  inner: Builder,
): Plan {
  const [fixed, counting] = [unchanged(bodies), counters(bodies, before)];
  const names = before.map((_, i) => inner.name(`${c.node.name}/state${i}`));
  const numbers = new Set([...counting.keys()].map((i) => names[i]!));
  const parts = before.map((value, i): Part => {
    const { list } = value;
    if (fixed.has(i)) return { kind: "fixed", before: value };
    const elements = whole.get(i);
    if (!list || elements)
      return { kind: "carried", before: elements ?? value, name: names[i]!, isList: list !== undefined };
    if (list.kind === "open" || list.kind === "set") throw new NeedsWhole(list.slot);
    const single = list.kind === "blank" && sizeOf(list.length) === 1;
    return { kind: "written", before: value, slot: { counters: numbers, single } };
  });
  return { parts, from: union(before) };
}

/** What a turn finds. */
function argument(part: Part, shape: Shape, from: ReadonlySet<string>, counts: boolean): Value {
  if (part.kind === "fixed") return part.before;
  const { dtype } = part.before;
  if (part.kind === "written") return { dtype, shape: null, from, names: {}, list: { kind: "open", slot: part.slot } };
  const value: Value = { dtype, shape, from, names: { plain: part.name } };
  if (part.isList) return listOf(value);
  return counts && sizeOf(part.before) >= 0 ? { ...value, natural: true } : value;
}

function writeTurn(c: RuleContext, bodies: LoopBodies, plan: Plan, shapes: readonly Shape[], inner: Builder): Turn {
  const { parts, from } = plan;
  const counting = counters(
    bodies,
    parts.map(({ before }) => before),
  );
  const args = parts.map((part, i) => argument(part, shapes[i]!, from, counting.get(i) === 1));
  const results = c.run(bodies.body, args, inner);
  if (results.length !== parts.length) c.refuse("its body yields another number of tensors than it takes");
  const next = parts.map((part, i): Value => {
    const result = results[i]!;
    if (part.kind === "fixed") return part.before;
    if (part.kind === "written") {
      const { list } = result;
      if ((list?.kind === "open" || list?.kind === "set") && list.slot === part.slot) return result;
      throw new NeedsWhole(part.slot);
    }
    const value = part.isList ? denseList(inner, c.node.name, result) : result;
    if (value.list || value.dtype !== part.before.dtype) return c.refuse(`part ${i} of its state changes its type`);
    return value;
  });
  const joined = parts.map((part, i) =>
    part.kind === "carried" ? joinedShape(shapes[i]!, next[i]!.shape) : shapes[i]!,
  );
  if (joined.some((shape, i) => String(shape) !== String(shapes[i]))) return { kind: "changed", shapes: joined };
  const state = next.map((value, i) => {
    const part = parts[i]!;
    return part.kind === "carried" && part.isList ? listOf(value) : value;
  });
  return { kind: "written", next: state, again: c.run(bodies.cond, state, inner)[0]! };
}

/** Names on the way through a loop: before it, as a turn finds it, as the turn leaves it, and after the loop. */
type Lane = {
  readonly init: string;
  readonly found: OnnxValue;
  readonly left: string;
  readonly after: (name: string) => void;
};
type Scan = { readonly left: OnnxValue; readonly after: (name: string) => void };

function emitLoop(
  c: RuleContext,
  bodies: LoopBodies,
  { parts, from }: Plan,
  { next, again }: Turn & { kind: "written" },
  inner: Builder,
  start: { readonly holds: string; readonly known: boolean },
): readonly Value[] {
  const lanes: Lane[] = [];
  const scans: Scan[] = [];
  const scope = c.node.name;
  const results: Value[] = parts.map(({ before }) => before);

  const carry = (i: number, part: Part & { kind: "carried" }) => {
    const value = part.isList ? denseList(inner, scope, next[i]!) : next[i]!;
    const { dtype, shape } = value;
    c.onnxType(dtype);
    const init = c.plain(part.before);
    lanes.push({
      init,
      found: { name: part.name, dtype },
      left: inner.emit(`${scope}/next${i}`, "Identity", [inner.plain(value)])[0]!,
      after: (plain) => {
        const result: Value = { dtype, shape: joinedShape(shape, part.before.shape), from, names: { plain } };
        results[i] = part.isList ? listOf(result) : result;
      },
    });
  };

  const gather = (i: number, part: Part & { kind: "written" }, write: Write) => {
    const { dtype, shape } = write.item;
    c.onnxType(dtype);
    const left = inner.emit(`${scope}/next${i}`, "Identity", [inner.plain(write.item)])[0]!;
    if (shape) c.rank(write.item);
    // Where no turn runs, TensorFlow has a shape for what was never set only if the list was made with one.
    const { list } = part.before;
    const element = list?.kind === "blank" && isKnown(list.element) ? list.element : shape;
    const words = `"${scope}" takes no turn, so the shape of what it writes is not known`;
    const pending = start.known || isKnown(element) ? undefined : { words, holds: start.holds };
    const after = (itemShape: Shape) => (plain: string) => {
      const items: Value = { dtype, shape: itemShape, from, names: { plain } };
      results[i] = waiting(putTogether(c, part.before, gatheredOf(bodies, parts, part, write, items)), pending);
    };
    if (write.at === "first") {
      const init = c.constant(zeros(dtype, isKnown(element) ? element : [0]));
      lanes.push({ init, found: { name: inner.name(`${scope}/last${i}`), dtype }, left, after: after(shape) });
    } else {
      const hint = element ? { shape: element } : {};
      scans.push({ left: { name: left, dtype, ...hint }, after: after(shape && [-1, ...shape]) });
    }
  };

  for (const [i, part] of parts.entries()) {
    if (part.kind === "carried") carry(i, part);
    const list = part.kind === "written" ? next[i]!.list : undefined;
    if (part.kind === "written" && list?.kind === "set") gather(i, part, list.write);
  }
  const guard = allGuards(inner, scope);
  if (guard !== undefined) {
    const left = inner.emit(`${scope}/checks`, "Identity", [guard])[0]!;
    const after = (name: string) => c.builder.guard(c.emit("ReduceSum", [name], { keepdims: 0 }));
    scans.push({ left: { name: left, dtype: "int64", shape: [] }, after });
  }

  const further = knownPredicate(c, again);
  if (further === true) c.refuse("it never ends");
  const condition = further === false ? inner.initializer(always(false)) : predicate(c, again, inner);
  const body = inner.build(
    [
      { name: inner.name(`${scope}/turn`), dtype: "int64", shape: [] },
      { name: inner.name(`${scope}/goes_on`), dtype: "bool", shape: [] },
      ...lanes.map(({ found }) => found),
    ],
    [
      { name: inner.emit(`${scope}/again`, "Identity", [condition])[0]!, dtype: "bool", shape: [] },
      ...lanes.map(({ found, left }) => ({ name: left, dtype: found.dtype })),
      ...scans.map(({ left }) => left),
    ],
  );
  const count = lanes.length + scans.length;
  if (count === 0) c.refuse("it has no state");
  const names = c.emitMany(
    "Loop",
    ["", start.holds, ...lanes.map(({ init }) => init)],
    { body: { graph: body } },
    count,
  );
  for (const [i, { after }] of [...lanes, ...scans].entries()) after(names[i]!);
  return results;
}

/** The list, whose tensors can be read where what is pending holds. */
function waiting(value: Value, pending: Pending | undefined): Value {
  const { list } = value;
  return pending && list?.kind === "dense" ? { ...value, list: { ...list, pending } } : value;
}

function gatheredOf(
  bodies: LoopBodies,
  parts: readonly Part[],
  part: Part & { kind: "written" },
  write: Write,
  items: Value,
) {
  if (typeof write.at === "string") return { write, items, fills: false };
  const { counter } = write.at;
  const i = parts.findIndex((each) => each.kind === "carried" && each.name === counter);
  const start = parts[i]!.before;
  const { list } = part.before;
  const before = parts.map((each) => each.before);
  const step = counters(bodies, before).get(i)!;
  const fills = list?.kind === "blank" && step === 1 && sizeOf(start) === 0 && turnsAre(bodies, before, list.length);
  return { write, items, from: { start, step }, fills };
}
