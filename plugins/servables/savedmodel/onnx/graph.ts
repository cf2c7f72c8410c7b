import type { DType } from "../../../../core/index.js";
import type { Constant } from "../lowering/constant.js";

/** An attribute that is a float even when its value is whole; plain numbers are integers. */
export type Float = { readonly float: number };
export const float = (value: number): Float => ({ float: value });

/** A one-element tensor, as ConstantOfShape takes it. */
export type Fill = { readonly tensor: Constant };

export type Attribute = number | string | readonly number[] | Float | Fill;

export type OnnxNode = {
  readonly op: string;
  readonly name: string;
  /** "" for an optional input left out */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: Readonly<Record<string, Attribute>>;
};

export type OnnxValue = { readonly name: string; readonly dtype: DType };

export type OnnxGraph = {
  readonly nodes: readonly OnnxNode[];
  readonly initializers: readonly { readonly name: string; readonly constant: Constant }[];
  readonly inputs: readonly OnnxValue[];
  readonly outputs: readonly OnnxValue[];
};

/** The graph without nodes and initializers that no output needs. Nodes are in the order they run. */
export function pruned(graph: OnnxGraph): OnnxGraph {
  const needed = new Set(graph.outputs.map(({ name }) => name));
  const nodes: OnnxNode[] = [];
  for (const node of graph.nodes.toReversed()) {
    if (!node.outputs.some((name) => needed.has(name))) continue;
    for (const name of node.inputs) needed.add(name);
    nodes.push(node);
  }
  return { ...graph, nodes: nodes.reverse(), initializers: graph.initializers.filter(({ name }) => needed.has(name)) };
}

/**
 * What the graph computes, without the names it happens to use: two graphs with equal fingerprints answer equally when
 * their inputs and outputs are matched by position.
 */
export function fingerprint(graph: OnnxGraph): string {
  const numbers = new Map<string, string>([["", ""]]);
  for (const [i, { name }] of graph.inputs.entries()) numbers.set(name, `in${i}`);
  for (const { name, constant } of graph.initializers) numbers.set(name, constant.id);
  let next = 0;
  const lines = graph.nodes.map(({ op, inputs, outputs, attributes }) => {
    const from = inputs.map((name) => numbers.get(name));
    for (const name of outputs) numbers.set(name, `v${next++}`);
    const attrs = Object.entries(attributes).map(([key, value]) => [
      key,
      typeof value === "object" && "tensor" in value ? value.tensor.id : value,
    ]);
    return [op, from, outputs.length, attrs];
  });
  const types = graph.inputs.map(({ dtype }) => dtype);
  return JSON.stringify([types, lines, graph.outputs.map(({ name }) => numbers.get(name))]);
}
