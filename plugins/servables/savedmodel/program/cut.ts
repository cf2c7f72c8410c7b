import { type DType, record, type Tensor } from "../../../../core/index.js";
import { Refusal } from "../lowering/refusal.js";
import type { OnnxGraph, OnnxNode, OnnxValue } from "../onnx/graph.js";
import { evaluateOp, evaluates } from "../steps/evaluate/evaluate.js";
import { type FlatGraph, type FlatNode, isHost, usesOf } from "./flat.js";
import { placesOf } from "./place.js";
import type { HostStep } from "./program.js";

/** A stretch of the graph for ONNX Runtime. Its values keep their names. */
export type Piece = { readonly kind: "piece"; readonly graph: OnnxGraph };

/** A graph as steps, in the order they run. */
export type CutGraph = {
  readonly steps: readonly (Piece | HostStep)[];
  readonly constants: Readonly<Record<string, Tensor>>;
};

/** A constant that owns its memory, since programs are posted between threads. */
function owned({ dtype, shape, data }: Tensor): Tensor {
  const copy = dtype === "string" ? data.map((item) => Uint8Array.from(item)) : data.slice();
  return { dtype, shape, data: copy } as Tensor;
}

function hostStep(node: FlatNode): HostStep {
  const { name, inputs, outputs } = node;
  if (isHost(node)) return { kind: "host", op: node.host, name, attributes: node.attributes, inputs, outputs };
  return { kind: "host", op: evaluateOp.name, name, attributes: plainAttributes(node), inputs, outputs };
}

/** What the evaluator takes: an ONNX node whose tensors are tensors. */
function plainAttributes({ op, attributes }: OnnxNode) {
  const entries = Object.entries(attributes).map(([key, value]) => {
    const tensor = typeof value === "object" && "tensor" in value ? owned(value.tensor.value()) : value;
    return [key, tensor] as const;
  });
  return { op, attributes: Object.fromEntries(entries) };
}

function pieceOf(
  graph: FlatGraph,
  nodes: readonly OnnxNode[],
  usedElsewhere: ReadonlySet<string>,
  types: ReadonlyMap<string, DType>,
): Piece {
  const used = new Set(nodes.flatMap(usesOf));
  const made = new Set(nodes.flatMap(({ outputs }) => outputs));
  const initializers = graph.initializers.filter(({ name }) => used.has(name));
  const known = new Set(["", ...made, ...initializers.map(({ name }) => name)]);
  const typed = (name: string): OnnxValue => {
    const dtype = types.get(name);
    if (dtype === undefined) throw new Refusal(`the graph cannot be cut at ${name}, whose type is not known`);
    return { name, dtype };
  };
  const inputs = [...used].filter((name) => !known.has(name)).map(typed);
  const outputs = [...made].filter((name) => usedElsewhere.has(name)).map(typed);
  return { kind: "piece", graph: { nodes, initializers, inputs, outputs } };
}

/**
 * Cuts a graph into pieces for ONNX Runtime and host steps between them. A graph without host nodes is one piece with all
 * of its inputs.
 * @throws Refusal where it cannot be cut
 */
export function cut(graph: FlatGraph): CutGraph {
  const { initializers, inputs, outputs } = graph;
  if (!graph.nodes.some(isHost)) {
    const nodes = graph.nodes as readonly OnnxNode[];
    return { steps: [{ kind: "piece", graph: { nodes, initializers, inputs, outputs } }], constants: record() };
  }
  const { types } = graph;
  const places = placesOf(graph, types, (node) => evaluates(node, types));
  const last = [...places.values()].reduce((most, { level }) => Math.max(most, level), 0);
  const at = (side: "host" | "model", level: number) =>
    graph.nodes.filter((node) => places.get(node)!.side === side && places.get(node)!.level === level);

  const steps: (Piece | HostStep)[] = [];
  for (let level = 0; level <= last; level++) {
    steps.push(...at("host", level).map(hostStep));
    const nodes = at("model", level) as readonly OnnxNode[];
    if (nodes.length === 0) continue;
    const inside = new Set<FlatNode>(nodes);
    const elsewhere = graph.nodes.filter((node) => !inside.has(node)).flatMap(usesOf);
    steps.push(pieceOf(graph, nodes, new Set([...elsewhere, ...outputs.map(({ name }) => name)]), types));
  }
  const onHost = new Set(steps.flatMap((step) => (step.kind === "host" ? step.inputs : [])));
  const constants = initializers.filter(({ name }) => onHost.has(name));
  return { steps, constants: record(constants.map(({ name, constant }) => [name, owned(constant.value())] as const)) };
}
