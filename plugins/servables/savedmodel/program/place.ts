import { type DType, elementCount } from "../../../../core/index.js";
import type { OnnxNode } from "../onnx/graph.js";
import { type FlatGraph, type FlatNode, isHost, usesOf } from "./flat.js";

/** Where a node runs: in the host steps or the model number `level`, in the order host 0, model 0, host 1, model 1 … */
export type Place = { readonly side: "host" | "model"; readonly level: number };

/** The most elements of a constant that is kept for host steps; larger ones are weights. */
const MOST_ELEMENTS = 2 ** 20;

const START: Place = { side: "host", level: 0 };

/** The values that nodes on the host use, and what these are made of. */
function ancestors(graph: FlatGraph, onHost: (node: FlatNode) => boolean): ReadonlySet<string> {
  const names = new Set<string>();
  for (const node of graph.nodes.toReversed()) {
    if (!onHost(node) && !node.outputs.some((name) => names.has(name))) continue;
    for (const name of usesOf(node)) names.add(name);
  }
  return names;
}

/**
 * Places nodes so that the graph is cut as seldom as can be. ONNX nodes that the host can compute as well (`eligible`) do
 * so where that saves a cut, and where they handle strings, which are dear to carry into ONNX Runtime and back.
 */
export function placesOf(
  graph: FlatGraph,
  types: ReadonlyMap<string, DType>,
  eligible: (node: OnnxNode) => boolean,
): ReadonlyMap<FlatNode, Place> {
  const weights = new Set(
    graph.initializers
      .filter(({ constant }) => constant.dtype !== "string" && elementCount(constant.shape) > MOST_ELEMENTS)
      .map(({ name }) => name),
  );
  const able = (node: FlatNode) => isHost(node) || (eligible(node) && !node.inputs.some((name) => weights.has(name)));
  const places = new Map<FlatNode, Place>();
  if (graph.nodes.every(able)) {
    for (const node of graph.nodes) places.set(node, START);
    return places;
  }

  const ahead = ancestors(graph, isHost);
  const made = new Map<string, Place>();
  const isString = (name: string) => types.get(name) === "string";
  for (const node of graph.nodes) {
    const sources = usesOf(node).map((name) => made.get(name) ?? START);
    const asHost = Math.max(0, ...sources.map(({ side, level }) => (side === "host" ? level : level + 1)));
    const asModel = Math.max(0, ...sources.map(({ level }) => level));
    const saves = asHost <= asModel && node.outputs.some((name) => ahead.has(name));
    const alias = !isHost(node) && node.op === "Identity" && sources[0]?.side === "host";
    const wordy = [...node.inputs, ...node.outputs].some(isString);
    const host = isHost(node) || (able(node) && (saves || alias || wordy));
    const place: Place = host ? { side: "host", level: asHost } : { side: "model", level: asModel };
    places.set(node, place);
    for (const name of node.outputs) made.set(name, place);
  }

  // What no host step waits for runs in the last model, so that its values need not travel.
  const awaited = ancestors(graph, (node) => places.get(node)?.side === "host");
  const last = [...places.values()].reduce(
    (most, { side, level }) => (side === "model" ? Math.max(most, level) : most),
    0,
  );
  const free = [...places].filter(([node, { side }]) => {
    return side === "model" && !node.outputs.some((name) => awaited.has(name));
  });
  // A last model of small things alone is not worth its run.
  const rest = free.some(([node]) => !able(node)) ? "model" : "host";
  for (const [node] of free) places.set(node, { side: rest, level: rest === "host" ? last + 1 : last });
  return places;
}
