import type { OnnxNode } from "../onnx/graph.js";
import type { Fixed } from "./fixed.js";
import { type FlatGraph, type FlatNode, isHost, usesOf } from "./flat.js";

/** Where a node runs: in the host steps or the model number `level`, in the order host 0, model 0, host 1, model 1 … */
export type Place = { readonly side: "host" | "model"; readonly level: number };

const START: Place = { side: "host", level: 0 };

/** The values that nodes on the host use, and what these are made of, as far back as nodes go `on`. */
function ancestors(
  nodes: readonly FlatNode[],
  onHost: (node: FlatNode) => boolean,
  on: (node: FlatNode) => boolean = () => true,
): ReadonlySet<string> {
  const names = new Set<string>();
  for (const node of nodes.toReversed()) {
    if (!onHost(node) && !(on(node) && node.outputs.some((name) => names.has(name)))) continue;
    for (const name of usesOf(node)) names.add(name);
  }
  return names;
}

/**
 * Places nodes so that the graph is cut as seldom as can be; all but `fixed` ones, which run with those that use them.
 * ONNX nodes that the host can compute as well (`eligible`) do so where that saves a cut: where they lead to a host step
 * through none but their like. What leads there through others belongs to a model. So do those that handle strings, which
 * are dear to carry into ONNX Runtime and back.
 */
export function placesOf(
  graph: FlatGraph,
  fixed: Fixed,
  eligible: (node: OnnxNode) => boolean,
): ReadonlyMap<FlatNode, Place> {
  const { types } = graph;
  const nodes = graph.nodes.filter((node) => !fixed.has(node));
  const able = (node: FlatNode) => isHost(node) || (eligible(node) && node.inputs.every(fixed.isLight));
  const places = new Map<FlatNode, Place>();
  if (nodes.every(able)) {
    for (const node of nodes) places.set(node, START);
    return places;
  }

  const isString = (name: string) => types.get(name) === "string";
  const wordy = (node: FlatNode) => able(node) && [...node.inputs, ...node.outputs].some(isString);
  const ahead = ancestors(nodes, (node) => isHost(node) || wordy(node), able);
  const made = new Map<string, Place>();
  for (const node of nodes) {
    const sources = usesOf(node).map((name) => made.get(name) ?? START);
    const asHost = Math.max(0, ...sources.map(({ side, level }) => (side === "host" ? level : level + 1)));
    const asModel = Math.max(0, ...sources.map(({ level }) => level));
    const saves = asHost <= asModel && node.outputs.some((name) => ahead.has(name));
    const alias = !isHost(node) && node.op === "Identity" && sources[0]?.side === "host";
    const host = isHost(node) || (able(node) && (saves || alias || wordy(node)));
    const place: Place = host ? { side: "host", level: asHost } : { side: "model", level: asModel };
    places.set(node, place);
    for (const name of node.outputs) made.set(name, place);
  }

  // What no host step waits for runs in the last model, so that its values need not travel.
  const awaited = ancestors(nodes, (node) => places.get(node)?.side === "host");
  const last = [...places.values()].reduce(
    (most, { side, level }) => (side === "model" ? Math.max(most, level) : most),
    0,
  );
  const free = [...places].filter(([node, { side }]) => {
    return side === "model" && !node.outputs.some((name) => awaited.has(name));
  });
  if (free.some(([node]) => !able(node))) {
    for (const [node] of free) places.set(node, { side: "model", level: last });
    return places;
  }
  // A last model of small things alone is not worth its run.
  const small = new Set(free.map(([node]) => node));
  const worth = new Set(
    [...places].flatMap(([node, { side, level }]) => (side === "model" && !small.has(node) ? [level] : [])),
  );
  const moved = new Set<string>();
  for (const [node, { level }] of free) {
    if (worth.has(level) && !usesOf(node).some((name) => moved.has(name))) continue;
    places.set(node, { side: "host", level: last + 1 });
    for (const name of node.outputs) moved.add(name);
  }
  return places;
}
