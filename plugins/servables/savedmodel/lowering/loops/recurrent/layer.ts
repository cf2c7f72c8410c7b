import type { Body } from "../../../graph/graph.js";
import type { Output } from "../../../graph/node.js";
import { reach } from "../../../graph/reach.js";
import { effectsOf } from "../../effects.js";
import type { Value } from "../../value.js";
import { counters, type LoopBodies, limits, parameterOf, unchanged } from "../shape.js";
import { createMatcher, type Matcher } from "./match.js";

/**
 * A loop that walks along a list of inputs, hands states from step to step and writes what each step gives out to
 * another list, as recurrent layers do.
 */
export type Layer = {
  readonly body: Body;
  readonly match: Matcher;
  /** What a step reads. */
  readonly input: Output;
  /** The parts of the loop's state that are neither counters nor lists. */
  readonly states: readonly number[];
  /** The list that is read, and the one that is written and where: at each step, or always at its start. */
  readonly source: number;
  readonly target: { readonly part: number; readonly item: Output; readonly at: "step" | "start" };
  /** What counts the steps from 0, and the part of the state that says how many there are. */
  readonly counter: number;
};

/** Whether a tensor of the body is made of nothing that a step changes. */
export function isSteady({ body }: LoopBodies, fixed: ReadonlySet<number>, output: Output): boolean {
  const steady = body.parameters.filter((_, i) => fixed.has(i));
  const { computed } = reach(body, [output], [], steady);
  return !computed.some(({ op }) => op === "_Arg");
}

/** Whether all that the body does shows in its results. */
function isQuiet({ body, cond }: LoopBodies): boolean {
  return [body, cond].every((each) => {
    const { forced } = reach(each, each.results, [], each.parameters);
    const { carried, obstacles } = effectsOf(each, forced, () => true);
    return carried.length === 0 && obstacles.length === 0;
  });
}

/** undefined for loops of another form. */
export function layerOf(bodies: LoopBodies, before: readonly Value[]): Layer | undefined {
  const { body } = bodies;
  const [fixed, counting, match] = [unchanged(bodies), counters(bodies, before), createMatcher(body)];
  const rest = body.results.flatMap((_, i) => (fixed.has(i) || counting.has(i) ? [] : [i]));
  const isTarget = (i: number) =>
    match.by(
      "TensorListSetItem",
      () => true,
      () => true,
      () => true,
    )(body.results[i]!);
  const targets = rest.filter(isTarget);
  const [part] = targets;
  if (part === undefined || targets.length > 1 || !isQuiet(bodies) || !limits(bodies)) return undefined;

  const write = match.inputsOf(body.results[part]!);
  const [list, index, item] = write;
  if (!list || !index || !item || parameterOf(body, list) !== part) return undefined;
  const reads = reach(body, [item], [], body.parameters).computed.filter(({ op }) => op === "TensorListGetItem");
  const [read] = reads;
  if (!read || reads.length > 1) return undefined;
  const [from, at] = body.inputs(read);
  const [source, counter] = [parameterOf(body, from!), parameterOf(body, at!)];
  if (!fixed.has(source) || counting.get(counter) !== 1) return undefined;
  const placed = parameterOf(body, index) === counter ? "step" : match.integer(0)(index) ? "start" : undefined;
  if (placed === undefined) return undefined;
  return {
    body,
    match,
    input: { node: read, index: 0 },
    states: rest.filter((i) => i !== part),
    source,
    target: { part, item, at: placed },
    counter,
  };
}
