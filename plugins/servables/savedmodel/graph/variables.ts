import { texts } from "../../../../core/index.js";
import type { Graph } from "./graph.js";
import { behindIdentities } from "./identities.js";
import type { Node, Output } from "./node.js";
import { reach } from "./reach.js";

/** Where a variable's value comes from: a checkpoint key, perhaps a part of it; or why it cannot be known. */
export type VariableSource = { readonly key: string; readonly slice?: string } | { readonly unknown: string };

const HANDLES = new Set(["VarHandleOp", "VariableV2", "Variable"]);
const ASSIGNMENTS = new Set(["AssignVariableOp", "Assign"]);
// Names of variables that TensorFlow made anonymous are placeholders for "this node".
const ANONYMOUS = "cd2c89b7-88b7-44c8-ad83-06c2a9158347";

export const isVariable = (node: Node): boolean => HANDLES.has(node.op);

/** What makes two handles the same variable or table: their shared name, else the node's. */
export function resourceId(node: Node): string {
  const shared = node.def.attr.shared_name?.value;
  const name = shared?.case === "s" ? new TextDecoder().decode(shared.value) : "";
  return name === "" || name === ANONYMOUS ? node.name : name;
}

function stringsOf(graph: Graph, output: Output): readonly string[] | undefined {
  const node = behindIdentities(graph, output).node;
  const value = node.def.attr.value?.value;
  return node.op === "Const" && value?.case === "tensor" ? constantStrings(value.value) : undefined;
}

function constantStrings({
  stringVal,
  tensorShape,
}: {
  stringVal: Uint8Array[];
  tensorShape?: { dim: { size: bigint }[] };
}) {
  const count = Number(tensorShape?.dim[0]?.size ?? stringVal.length);
  // A constant may leave out repetitions of its last item.
  const items = Array.from(
    { length: Math.min(count, 10_000_000) },
    (_, i) => stringVal[Math.min(i, stringVal.length - 1)],
  );
  return texts({ dtype: "string", shape: [items.length], data: items.map((item) => item ?? new Uint8Array()) });
}

/** What a tensor is that the model restores. */
export function sourceOf(graph: Graph, value: Output): VariableSource {
  const { node, index } = behindIdentities(graph, value);
  if (node.op !== "RestoreV2") return { unknown: `is computed by ${node.op} when the model is restored` };
  const [, names, slices] = graph.inputs(node);
  const key = names && stringsOf(graph, names)?.[index];
  if (key === undefined) return { unknown: "is restored under a name that is computed" };
  const slice = slices && stringsOf(graph, slices)?.[index];
  return slice ? { key, slice } : { key };
}

type Assignment = readonly [variable: Node, value: Output];

/** The variables that some of these nodes set. */
export function assignmentsIn(graph: Graph, nodes: readonly Node[]): readonly Assignment[] {
  return nodes.flatMap((node): readonly Assignment[] => {
    const [handle, value] = ASSIGNMENTS.has(node.op) ? graph.inputs(node) : [];
    const variable = handle && behindIdentities(graph, handle).node;
    return variable && value && isVariable(variable) ? [[variable, value]] : [];
  });
}

function assignments(graph: Graph, target: string): readonly Assignment[] {
  const { computed, forced } = reach(graph, [], graph.target(target), []);
  return assignmentsIn(graph, [...computed, ...forced]);
}

/**
 * Ties variables to checkpoint keys by reading what the model does to restore itself: `restore` names the operator
 * that TensorFlow runs for it, `init` those that it runs after. Holds for functions and for TF1's plain graphs.
 * Each is read from a graph of its own, since a graph gathers the effects of all that was read from it.
 */
export function variableSources(
  open: () => Graph,
  restore: string | undefined,
  init: readonly string[],
): Map<string, VariableSource> {
  const sources = new Map<string, VariableSource>();
  if (restore) {
    const graph = open();
    for (const [variable, value] of assignments(graph, restore)) {
      sources.set(resourceId(variable), sourceOf(graph, value));
    }
  }
  for (const name of init) {
    for (const [variable] of assignments(open(), name)) {
      sources.set(resourceId(variable), { unknown: `is set by "${name}" when the model starts` });
    }
  }
  return sources;
}
