import type { Signature, TensorSpec } from "../../../../core/index.js";
import type { Attribute, OnnxGraph, OnnxNode, OnnxValue } from "../onnx/graph.js";

type Names = Readonly<Record<string, string>>;

function renamed(graph: OnnxGraph, names: ReadonlyMap<string, string>): OnnxGraph {
  const of = (name: string) => names.get(name) ?? name;
  const value = (each: OnnxValue): OnnxValue => ({ ...each, name: of(each.name) });
  const attribute = (each: Attribute): Attribute =>
    typeof each === "object" && "graph" in each ? { graph: renamed(each.graph, names) } : each;
  const node = (each: OnnxNode): OnnxNode => ({
    ...each,
    inputs: each.inputs.map(of),
    outputs: each.outputs.map(of),
    attributes: Object.fromEntries(Object.entries(each.attributes).map(([key, item]) => [key, attribute(item)])),
  });
  return {
    nodes: graph.nodes.map(node),
    initializers: graph.initializers.map(({ name, constant }) => ({ name: of(name), constant })),
    inputs: graph.inputs.map(value),
    outputs: graph.outputs.map(value),
  };
}

const shaped = (value: OnnxValue, spec: TensorSpec | undefined): OnnxValue =>
  spec?.shape ? { ...value, shape: spec.shape } : value;

/**
 * The graph with its inputs and outputs called as the signature has them, and with the signature's shapes. Where an input
 * and an output have one name, the output keeps another, since ONNX has one name for one value.
 */
export function named(
  graph: OnnxGraph,
  { inputs, outputs }: { readonly inputs: Names; readonly outputs: Names },
  signature: Signature,
): { readonly graph: OnnxGraph; readonly outputs: Names } {
  const names = new Map<string, string>();
  for (const [key, value] of Object.entries(outputs)) {
    if (key === value || Object.hasOwn(inputs, key)) continue;
    // Some value inside may bear the output's name: the two change places.
    names.set(value, key).set(key, value);
  }
  const keys = (side: Names) => new Map(Object.entries(side).map(([key, value]) => [names.get(value) ?? value, key]));
  const [fed, given] = [keys(inputs), keys(outputs)];
  const whole = renamed(graph, names);
  return {
    graph: {
      ...whole,
      inputs: whole.inputs.map((value) => shaped(value, signature.inputs[fed.get(value.name) ?? ""])),
      outputs: whole.outputs.map((value) => shaped(value, signature.outputs[given.get(value.name) ?? ""])),
    },
    outputs: Object.fromEntries([...given].map(([value, key]) => [key, value])),
  };
}
