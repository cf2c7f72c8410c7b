import type { Scope } from "./graph.js";
import type { Node, Output } from "./node.js";

/** What assertions say and what is printed is made of their other inputs, which nobody reads here. */
const READS: Readonly<Record<string, number>> = { Assert: 1, PrintV2: 0 };

/** The inputs that matter for what the node yields or for whether it fails. */
export const usedInputs = (scope: Scope, node: Node): readonly Output[] =>
  scope.inputs(node).slice(0, READS[node.op] ?? Number.POSITIVE_INFINITY);

const same = (a: Output, b: Output) => a.node === b.node && a.index === b.index;

export type Reach = {
  /** Nodes whose tensors are used, each after its inputs; empty where the graph has a loop. */
  readonly computed: readonly Node[];
  /** Nodes that run for their effects alone. */
  readonly forced: readonly Node[];
  /** Nodes on a loop of the graph. */
  readonly loops: readonly Node[];
};

/** Everything that runs when these outputs are fetched and these targets run, given the tensors that are fed. */
export function reach(
  graph: Scope,
  fetches: readonly Output[],
  targets: readonly Node[],
  feeds: readonly Output[],
): Reach {
  const fed = (output: Output) => feeds.some((feed) => same(feed, output));
  const computed: Node[] = [];
  const loops: Node[] = [];
  const state = new Map<Node, "open" | "done">();

  const needs = (node: Node): Node[] =>
    usedInputs(graph, node)
      .filter((input) => !fed(input))
      .map((input) => input.node);

  // An explicit stack: graphs are deeper than the call stack.
  const walk = (root: Node, into: Node[]): void => {
    const stack: { readonly node: Node; readonly rest: Node[] }[] = [];
    const enter = (node: Node) => {
      if (state.get(node) === "open") loops.push(node);
      if (state.has(node)) return;
      state.set(node, "open");
      stack.push({ node, rest: needs(node) });
    };
    enter(root);
    for (let top = stack.at(-1); top; top = stack.at(-1)) {
      const next = top.rest.pop();
      if (next) {
        enter(next);
        continue;
      }
      state.set(top.node, "done");
      into.push(top.node);
      stack.pop();
    }
  };

  for (const fetch of fetches) if (!fed(fetch)) walk(fetch.node, computed);

  const forced: Node[] = [];
  const asked = new Set<Node>();
  const settled = new Set<Node>();
  let pending: readonly Node[] = [...targets, ...graph.effects()];
  // Looking at a node may open calls, whose effects then count too: until nothing new comes.
  do {
    for (const node of pending) if (!state.has(node)) walk(node, forced);
    const fresh = [...state.keys()].filter((node) => !settled.has(node));
    for (const node of fresh) settled.add(node);
    pending = [...fresh.flatMap((node) => graph.controls(node)), ...graph.effects()].filter((node) => !asked.has(node));
    for (const node of pending) asked.add(node);
  } while (pending.length > 0);
  return { computed, forced, loops };
}
