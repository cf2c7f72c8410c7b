import type { DType } from "../../../../../core/index.js";
import type { Nested } from "../../onnx/graph.js";
import { type Builder, integers } from "../builder.js";
import { allGuards, emitCheck } from "../guards.js";
import { denseList, sameList } from "../loops/lists.js";
import type { Rule, RuleContext, Rules } from "../rule.js";
import { joinedShape, sameTensor, union, type Value } from "../value.js";

/** One way to go: what it yields when it is written into a graph. */
type Branch = (into: Builder) => readonly Value[];

/** A condition as a boolean scalar. TensorFlow takes other tensors too, by rules that depend on their rank. */
export function predicate(c: RuleContext, value: Value, builder = c.builder): string {
  c.requireRank(value, 0);
  if (value.dtype === "bool") return builder.plain(value);
  if (value.dtype === "string") c.refuse("its condition is a string");
  return builder.emit(c.node.name, "Cast", [builder.plain(value)], { to: c.onnxType("bool") })[0]!;
}

/** Whether a known condition holds; undefined for one that is computed. */
export function knownPredicate(c: RuleContext, { constant }: Value): boolean | undefined {
  if (!constant) return undefined;
  if (constant.shape.length > 0 || constant.dtype === "string") return c.refuse("its condition is no number");
  return Number(constant.value().data[0]) !== 0;
}

const sameConstant = (a: Value, b: Value) => a.constant !== undefined && a.constant.id === b.constant?.id;

/** Whether both branches yield something that is there without them. */
const isSame = (a: Value, b: Value): boolean =>
  a.list || b.list ? sameList(a.list, b.list) : sameConstant(a, b) || sameTensor(a, b);

/** The branch's graph: its results, and a 0 that waits for what guards it where one is wanted. */
function graphOf(c: RuleContext, inner: Builder, results: readonly Value[], guard: boolean): Nested {
  const output = (like: string, from: string, dtype: DType) => {
    return { name: inner.emit(`${c.node.name}/${like}`, "Identity", [from])[0]!, dtype };
  };
  const outputs = results.map((value) => output("result", inner.plain(value), value.dtype));
  if (guard) outputs.push(output("checks", allGuards(inner, c.node.name) ?? inner.initializer(integers(0)), "int64"));
  return { graph: inner.build([], outputs) };
}

/** What one of two branches yields; only the one that is taken runs. */
function either(c: RuleContext, builder: Builder, condition: string, yes: Branch, no: Branch): readonly Value[] {
  const [ifYes, ifNo] = [builder.nested(), builder.nested()];
  const [a, b] = [yes(ifYes), no(ifNo)];
  if (a.length !== b.length) c.refuse("its branches yield different numbers of tensors");
  const open = a.flatMap((value, i) => (isSame(value, b[i]!) ? [] : [i]));
  const tensor = (inner: Builder, value: Value) => (value.list ? denseList(inner, c.node.name, value) : value);
  const as = open.map((i) => tensor(ifYes, a[i]!));
  const bs = open.map((i) => tensor(ifNo, b[i]!));
  const odd = open.find(
    (i, k) => as[k]!.dtype !== bs[k]!.dtype || (a[i]!.list === undefined) !== (b[i]!.list === undefined),
  );
  if (odd !== undefined) c.refuse(`output ${odd} of its branches differs in type`);
  for (const { dtype } of as) c.onnxType(dtype);

  const guard = [ifYes, ifNo].some((inner) => inner.guards().length > 0);
  const count = open.length + (guard ? 1 : 0);
  if (count === 0) return a;
  const attributes = {
    then_branch: graphOf(c, ifYes, as, guard),
    else_branch: graphOf(c, ifNo, bs, guard),
  };
  const names = builder.emit(c.node.name, "If", [condition], attributes, count);
  if (guard) builder.guard(names.at(-1)!);
  const results = [...a];
  for (const [k, i] of open.entries()) {
    const [x, y] = [as[k]!, bs[k]!];
    const value: Value = {
      dtype: x.dtype,
      shape: joinedShape(x.shape, y.shape),
      from: union([...c.inputs, x, y]),
      names: { plain: names[k]! },
    };
    results[i] = a[i]!.list ? { ...value, shape: null, list: { kind: "dense", elements: value } } : value;
  }
  return results;
}

const conditional: Rule = (c) => {
  const args = c.inputs.slice(1);
  const way =
    (attribute: string): Branch =>
    (into) =>
      c.run(c.body(attribute), args, into);
  const [yes, no] = [way("then_branch"), way("else_branch")];
  const known = knownPredicate(c, c.input(0));
  for (const attribute of ["then_branch", "else_branch"]) c.attrs.functions(attribute);
  if (known !== undefined) return (known ? yes : no)(c.builder);
  return either(c, c.builder, predicate(c, c.input(0)), yes, no);
};

/** The last branch also stands for all numbers that no branch has. */
const chosen: Rule = (c) => {
  const [index, ...args] = c.inputs;
  const count = c.attrs.functions("branches").length;
  const way = (i: number) => (into: Builder) => c.run(c.body("branches", i), args, into);
  if (!index || count === 0) return c.refuse("it has no branches");
  if (index.constant) {
    const at = Number(index.constant.value().data[0]);
    return way(at >= 0 && at < count ? at : count - 1)(c.builder);
  }
  c.requireRank(index, 0);
  const from =
    (i: number) =>
    (builder: Builder): readonly Value[] => {
      if (i === count - 1) return way(i)(builder);
      const number = builder.initializer(integers(i, "int32"));
      const condition = builder.emit(c.node.name, "Equal", [builder.plain(index), number])[0]!;
      return either(c, builder, condition, way(i), from(i + 1));
    };
  return from(0)(c.builder);
};

export const branchRules: Rules = {
  If: conditional,
  StatelessIf: conditional,
  CondContext: conditional,
  Case: chosen,
  StatelessCase: chosen,
  Assert: (c) => {
    c.attrs.int("summarize", 3);
    const known = knownPredicate(c, c.input(0));
    if (known === false) c.refuse("what it asserts never holds");
    const words = `what "${c.node.name}" asserts does not hold`;
    if (known === undefined) c.builder.guard(emitCheck(c.builder, words, predicate(c, c.input(0))));
    return [];
  },
};
