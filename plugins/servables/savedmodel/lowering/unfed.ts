import { record } from "../../../../core/index.js";
import { type OnnxGraph, usedBy } from "../onnx/graph.js";
import { type ParsePlan, withNames } from "../parsing/plan.js";

/** An ONNX graph and what feeds its inputs. */
export type FedGraph = {
  readonly graph: OnnxGraph;
  /** ONNX names of the signature's inputs, without those that only feed a parse. */
  readonly inputs: Readonly<Record<string, string>>;
  /** What feeds the graph's other inputs. */
  readonly parses: readonly ParsePlan[];
};

/**
 * Leaves out what parses yield and nothing uses, and the signature's inputs that only feed parses: ONNX Runtime wants
 * every input of a graph. Inputs that nothing at all uses stay, as they always were.
 */
export function withoutUnfed(
  graph: OnnxGraph,
  inputs: readonly (readonly [key: string, name: string])[],
  parses: readonly ParsePlan[],
): FedGraph {
  const used = new Set(graph.nodes.flatMap(usedBy));
  const parsed = new Set(parses.map(({ input }) => input));
  const kept = inputs.filter(([key, name]) => used.has(name) || !parsed.has(key));
  const names = new Set([...used, ...kept.map(([, name]) => name)]);
  return {
    graph: { ...graph, inputs: graph.inputs.filter(({ name }) => names.has(name)) },
    inputs: record(kept),
    parses: parses.map((plan) => withNames(plan, (name) => (names.has(name) ? name : undefined))),
  };
}
