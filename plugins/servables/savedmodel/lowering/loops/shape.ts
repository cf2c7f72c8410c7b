import { attributesOf } from "../../graph/attributes.js";
import type { Body } from "../../graph/graph.js";
import { behindIdentities } from "../../graph/identities.js";
import type { Output } from "../../graph/node.js";
import type { Value } from "../value.js";

/** A loop as TensorFlow has it: while `cond` holds for the state, `body` makes the next one. */
export type LoopBodies = { readonly cond: Body; readonly body: Body };

const same = (a: Output, b: Output) => a.node === b.node && a.index === b.index;

/** Which of its parameters the tensor is; -1 for none. */
export const parameterOf = (body: Body, output: Output): number => {
  const source = behindIdentities(body, output);
  return body.parameters.findIndex((parameter) => same(parameter, source));
};

/** The parts of the state that no turn changes. */
export const unchanged = ({ body }: LoopBodies): ReadonlySet<number> =>
  new Set(body.results.flatMap((result, i) => (parameterOf(body, result) === i ? [i] : [])));

/** The items of a constant of integers. */
export function integersOf(body: Body, output: Output): readonly number[] | undefined {
  const { node } = behindIdentities(body, output);
  if (node.op !== "Const") return undefined;
  const { dtype, data } = attributesOf(node.def, node.opDef).tensor("value");
  return dtype === "int32" || dtype === "int64" ? Array.from(data as ArrayLike<number | bigint>, Number) : undefined;
}

/** A constant of one integer. */
export function integerOf(body: Body, output: Output): number | undefined {
  const items = integersOf(body, output);
  return items?.length === 1 ? items[0] : undefined;
}

/** The parts of the state that count the turns, up or down, with their step; `before` is the state before the loop. */
export function counters(bodies: LoopBodies, before: readonly Value[]): ReadonlyMap<number, 1 | -1> {
  const { body } = bodies;
  const fixed = unchanged(bodies);
  const numberOf = (output: Output | undefined): number | undefined => {
    if (!output) return undefined;
    const part = parameterOf(body, output);
    if (part < 0) return integerOf(body, output);
    const { constant } = before[part]!;
    return fixed.has(part) && constant?.shape.length === 0 ? Number(constant.value().data[0]) : undefined;
  };
  const steps = body.results.flatMap((result, i) => {
    const { node } = behindIdentities(body, result);
    if (!/^(AddV2|Add|Sub)$/.test(node.op)) return [];
    const [a, b] = body.inputs(node);
    const left = a && parameterOf(body, a) === i ? numberOf(b) : undefined;
    const right = b && parameterOf(body, b) === i && node.op !== "Sub" ? numberOf(a) : undefined;
    const step = left === undefined ? right : node.op === "Sub" ? -left : left;
    return step === 1 || step === -1 ? [[i, step] as const] : [];
  });
  return new Map(steps);
}

/** A condition of the form `counter < limit`; the limit is a part of the state or a number. */
export type Limit = {
  readonly counter: number;
  readonly limit: { readonly part: number } | { readonly value: number };
};

/** The limits that all must hold for a further turn; undefined where the condition is of another form. */
export function limits({ cond }: LoopBodies): readonly Limit[] | undefined {
  const found: Limit[] = [];
  const open = cond.results.slice(0, 1);
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { node } = behindIdentities(cond, next);
    const inputs = cond.inputs(node);
    if (node.op === "LogicalAnd" && open.length < 8) open.push(...inputs);
    else if (node.op === "Less" || node.op === "Greater") {
      const [small, large] = node.op === "Less" ? inputs : inputs.toReversed();
      if (!small || !large) return undefined;
      const counter = parameterOf(cond, small);
      const value = integerOf(cond, large);
      const part = parameterOf(cond, large);
      if (counter < 0 || (value === undefined && part < 0)) return undefined;
      found.push({ counter, limit: value === undefined ? { part } : { value } });
    } else return undefined;
  }
  return found;
}
