import { record, type Tensor } from "../../../../core/index.js";
import { Refusal } from "../lowering/refusal.js";
import type { OnnxGraph, OnnxNode, OnnxValue } from "../onnx/graph.js";
import { evaluateOp, evaluates } from "../steps/evaluate/evaluate.js";
import { owned, plainAttributes } from "./attributes.js";
import { type Fixed, fixedOf } from "./fixed.js";
import { type FlatGraph, type FlatNode, isHost, usesOf } from "./flat.js";
import { placesOf } from "./place.js";
import type { HostStep } from "./program.js";
import { standardized } from "./standard.js";

/** A stretch of the graph for ONNX Runtime. Its values keep their names. */
export type Piece = { readonly kind: "piece"; readonly graph: OnnxGraph };

/** A graph as steps, in the order they run. */
export type CutGraph = {
  readonly steps: readonly (Piece | HostStep)[];
  /** What host steps use and no call changes. */
  readonly once: readonly HostStep[];
  readonly constants: Readonly<Record<string, Tensor>>;
};

function hostStep(node: FlatNode): HostStep {
  const { name, inputs, outputs } = node;
  if (isHost(node)) return { kind: "host", op: node.host, name, attributes: node.attributes, inputs, outputs };
  return { kind: "host", op: evaluateOp.name, name, attributes: plainAttributes(node), inputs, outputs };
}

/** The nodes, and the fixed ones that they and these values are made with. */
function withFixed(
  graph: FlatGraph,
  fixed: Fixed,
  nodes: readonly OnnxNode[],
  wanted: readonly string[] = [],
): readonly OnnxNode[] {
  const inside = new Set<FlatNode>(nodes);
  const used = new Set([...nodes.flatMap(usesOf), ...wanted]);
  for (const node of graph.nodes.toReversed()) {
    if (inside.has(node) || !fixed.has(node) || !node.outputs.some((name) => used.has(name))) continue;
    inside.add(node);
    for (const name of usesOf(node)) used.add(name);
  }
  return graph.nodes.filter((node): node is OnnxNode => inside.has(node));
}

function pieceOf(
  graph: FlatGraph,
  fixed: Fixed,
  placed: readonly OnnxNode[],
  usedElsewhere: ReadonlySet<string>,
): Piece {
  const nodes = withFixed(graph, fixed, placed);
  const used = new Set(nodes.flatMap(usesOf));
  const made = new Set(nodes.flatMap(({ outputs }) => outputs));
  const initializers = graph.initializers.filter(({ name }) => used.has(name));
  const known = new Set(["", ...made, ...initializers.map(({ name }) => name)]);
  const typed = (name: string): OnnxValue => {
    const dtype = graph.types.get(name);
    if (dtype === undefined) throw new Refusal(`the graph cannot be cut at ${name}, whose type is not known`);
    return { name, dtype };
  };
  const inputs = [...used].filter((name) => !known.has(name)).map(typed);
  const given = placed.flatMap(({ outputs }) => outputs);
  const outputs = given.filter((name) => usedElsewhere.has(name)).map(typed);
  return { kind: "piece", graph: { nodes, initializers, inputs, outputs } };
}

/** How a graph is cut: `standard` leaves to ONNX all that it has an operator for. */
export type CutOptions = { readonly standard?: boolean };

/**
 * Cuts a graph into pieces for ONNX Runtime and host steps between them. A graph without host nodes is one piece with all
 * of its inputs.
 * @throws Refusal where it cannot be cut
 */
export function cut(given: FlatGraph, { standard = false }: CutOptions = {}): CutGraph {
  const graph = standard ? standardized(given) : given;
  const { initializers, inputs, outputs, types } = graph;
  if (!graph.nodes.some(isHost)) {
    const nodes = graph.nodes as readonly OnnxNode[];
    return {
      steps: [{ kind: "piece", graph: { nodes, initializers, inputs, outputs } }],
      once: [],
      constants: record(),
    };
  }
  const eligible = (node: OnnxNode) => !standard && evaluates(node, types);
  const fixed = fixedOf(graph, eligible);
  const places = placesOf(graph, fixed, eligible);
  const last = [...places.values()].reduce((most, { level }) => Math.max(most, level), 0);
  const at = (side: "host" | "model", level: number) =>
    graph.nodes.filter((node) => places.get(node)?.side === side && places.get(node)?.level === level);

  const steps: (Piece | HostStep)[] = [];
  for (let level = 0; level <= last; level++) {
    steps.push(...at("host", level).map(hostStep));
    const nodes = at("model", level) as readonly OnnxNode[];
    if (nodes.length === 0) continue;
    const inside = new Set<FlatNode>(nodes);
    const elsewhere = graph.nodes.filter((node) => !inside.has(node)).flatMap(usesOf);
    steps.push(pieceOf(graph, fixed, nodes, new Set([...elsewhere, ...outputs.map(({ name }) => name)])));
  }
  const awaited = steps.flatMap((step) => (step.kind === "host" ? step.inputs : []));
  const once = withFixed(graph, fixed, [], [...awaited, ...outputs.map(({ name }) => name)]).map(hostStep);
  const onHost = new Set([...awaited, ...once.flatMap((step) => step.inputs)]);
  const constants = initializers.filter(({ name }) => onHost.has(name));
  return {
    steps,
    once,
    constants: record(constants.map(({ name, constant }) => [name, owned(constant.value())] as const)),
  };
}
