import type { DType } from "../../../../core/index.js";
import type { Constant } from "../lowering/constant.js";

/** An attribute that is a float even when its value is whole; plain numbers are integers. */
export type Float = { readonly float: number };
export const float = (value: number): Float => ({ float: value });

/** A one-element tensor, as ConstantOfShape takes it. */
export type Fill = { readonly tensor: Constant };

/** A graph that a node runs, as loops and branches do. It sees the names of the graph around it. */
export type Nested = { readonly graph: OnnxGraph };

export type Attribute = number | string | readonly number[] | Float | Fill | Nested;

export type OnnxNode = {
  readonly op: string;
  readonly name: string;
  /** "" for an optional input left out */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: Readonly<Record<string, Attribute>>;
};

/** `shape`: what is known of it, -1 where a size is open; absent where any shape is meant. */
export type OnnxValue = { readonly name: string; readonly dtype: DType; readonly shape?: readonly number[] };

export type OnnxGraph = {
  readonly nodes: readonly OnnxNode[];
  readonly initializers: readonly { readonly name: string; readonly constant: Constant }[];
  readonly inputs: readonly OnnxValue[];
  readonly outputs: readonly OnnxValue[];
};

export const nestedGraphs = ({ attributes }: OnnxNode): OnnxGraph[] =>
  Object.values(attributes).flatMap((value) => (typeof value === "object" && "graph" in value ? [value.graph] : []));

/** What a graph inside another has from around it. */
function usedInside({ nodes, inputs, outputs }: OnnxGraph): string[] {
  const own = new Set([...inputs.map(({ name }) => name), ...nodes.flatMap((node) => node.outputs)]);
  return [...nodes.flatMap(usedBy), ...outputs.map(({ name }) => name)].filter((name) => !own.has(name));
}

/** What a node uses: its inputs, and what graphs inside it have from around it. */
export function usedBy(node: OnnxNode): string[] {
  return [...node.inputs, ...nestedGraphs(node).flatMap(usedInside)];
}

/**
 * What the graph computes, without the names it happens to use: two graphs with equal fingerprints answer equally when
 * their inputs and outputs are matched by position.
 */
export function fingerprint(graph: OnnxGraph): string {
  const numbers = new Map<string, string>([["", ""]]);
  let next = 0;

  const attribute = (value: Attribute): unknown => {
    if (typeof value !== "object") return value;
    if ("tensor" in value) return value.tensor.id;
    return "graph" in value ? lines(value.graph) : value;
  };
  function lines({ inputs, initializers, nodes, outputs }: OnnxGraph): unknown {
    for (const { name } of inputs) numbers.set(name, `in${next++}`);
    for (const { name, constant } of initializers) numbers.set(name, constant.id);
    const written = nodes.map(({ op, inputs, outputs, attributes }) => {
      const from = inputs.map((name) => numbers.get(name));
      const attrs = Object.entries(attributes).map(([key, value]) => [key, attribute(value)]);
      for (const name of outputs) numbers.set(name, `v${next++}`);
      return [op, from, outputs.length, attrs];
    });
    return [inputs.map(({ dtype }) => dtype), written, outputs.map(({ name }) => numbers.get(name))];
  }
  return JSON.stringify(lines(graph));
}
