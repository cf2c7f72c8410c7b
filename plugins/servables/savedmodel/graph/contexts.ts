import { create } from "@bufbuild/protobuf";
import { NodeDefSchema } from "../../../../protos/gen/tensorflow/core/framework/node_def_pb.js";
import type { Body, Graph } from "./graph.js";
import type { Node, Output } from "./node.js";

/** A loop or a branch of TensorFlow 1 as one node, which runs bodies as `While` and `If` do. */
export type Context = {
  readonly node: Node;
  inputs(): readonly Output[];
  body(attribute: string): Body;
  /** Which of the context's outputs stands for the tensor; -1 for none. */
  outputOf(tensor: Output): number;
};

export const sameOutput = (a: Output, b: Output): boolean => a.node === b.node && a.index === b.index;

const CONTEXTS = new Set(["WhileContext", "CondContext"]);
export const isContext = ({ op }: Node): boolean => CONTEXTS.has(op);

/** A node that stands for a context; named after one of its parts. */
export function contextNode(op: "WhileContext" | "CondContext", part: Node): Node {
  const def = create(NodeDefSchema, { name: part.def.name, op });
  return { name: part.name, op, fn: part.fn, def, opDef: undefined };
}

export type ContextOf = (output: Output) => Context | undefined;
/** `waits` gives all that a node waits for, also what only says which branch it stands in. */
export type Finder = (graph: Graph, waits: (node: Node) => readonly Node[]) => ContextOf;

/** Operators that only steer what runs, where contexts stand for them. */
const STEERING = new Set(["Switch", "Merge", "Enter", "NextIteration", "LoopCond"].flatMap((op) => [op, `Ref${op}`]));

/**
 * The graph with TensorFlow 1's loops (Enter, Merge, Switch, NextIteration, Exit) and branches (Switch, Merge) as nodes
 * that run bodies. What is not of the form that TensorFlow writes stays as it is.
 */
export function withContexts(graph: Graph, finders: readonly Finder[]): Graph {
  const contexts = new Map<Node, Context>();

  function replaced(output: Output): Output {
    for (const find of all) {
      const context = find(output);
      const index = context?.outputOf(output) ?? -1;
      if (!context || index < 0) continue;
      contexts.set(context.node, context);
      return { node: context.node, index };
    }
    return output;
  }

  function inputs(node: Node): readonly Output[] {
    return contexts.get(node)?.inputs() ?? graph.inputs(node).map(replaced);
  }

  /** All that the node waits for, also what only says which branch it stands in. */
  function waits(node: Node): readonly Node[] {
    if (contexts.has(node)) return [];
    return graph.controls(node).map((each) => replaced({ node: each, index: 0 }).node);
  }

  const isPivot = (node: Node) => node.op === "Identity" && graph.inputs(node)[0]?.node.op === "Switch";
  const controls = (node: Node) => waits(node).filter((each) => !STEERING.has(each.op) && !isPivot(each));

  function body(node: Node, attribute: string, index?: number): Body {
    const context = contexts.get(node);
    if (context) return context.body(attribute);
    const inner = graph.body(node, attribute, index);
    return { ...inner, inputs, controls, body, results: inner.results.map(replaced) };
  }

  const whole: Graph = { ...graph, inputs, controls, body, tensor: (name) => replaced(graph.tensor(name)) };
  const all = finders.map((finder) => finder(whole, waits));
  return whole;
}
