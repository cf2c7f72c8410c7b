import { type Context, contextNode, type Finder, sameOutput } from "./contexts.js";
import type { Body } from "./graph.js";
import { behindIdentities } from "./identities.js";
import type { Node, Output } from "./node.js";

/** One of the two sides of a branch: what it yields, and where its tensors come in. */
type Side = { readonly result: Output; readonly entries: readonly Output[]; readonly gates: readonly Output[] };

const FRAMES = new Set([
  "Enter",
  "RefEnter",
  "Merge",
  "RefMerge",
  "NextIteration",
  "RefNextIteration",
  "Exit",
  "RefExit",
]);
const isSwitch = ({ op }: Node) => op === "Switch" || op === "RefSwitch";
const PIVOTS = new Set(["Identity", "NoOp"]);
// Of all branches together, since each is walked once for every tensor that it yields.
const MOST_STEPS = 5_000_000;

/**
 * The branches of a graph of TensorFlow 1. `cond` writes a Switch on the predicate for each tensor that a branch uses,
 * and a Merge for each that it yields.
 */
export const condContexts: Finder = (graph, waits) => {
  const known = new Map<Node, Context | undefined>();
  const { inputs, controls, body } = graph;
  let steps = 0;

  const plain = (output: Output) => behindIdentities(graph, output);

  /** Backwards from what a side yields to the first gates; `entries` are tensors, `gates` also what only steers. */
  function sideOf(result: Output): Side | undefined {
    const entries: Output[] = [];
    const gates: Output[] = [];
    const seen = { data: new Set<Node>(), steering: new Set<Node>() };
    const open: { readonly output: Output; readonly data: boolean }[] = [{ output: result, data: true }];
    const add = (list: Output[], output: Output) => {
      if (!list.some((each) => sameOutput(each, output))) list.push(output);
    };
    for (let next = open.pop(); next; next = open.pop()) {
      const { output, data } = next;
      if (isSwitch(output.node) || FRAMES.has(output.node.op)) {
        if (data) add(entries, output);
        if (isSwitch(output.node)) add(gates, output);
        continue;
      }
      const visited = data ? seen.data : seen.steering;
      if (visited.has(output.node)) continue;
      visited.add(output.node);
      if (++steps > MOST_STEPS) return undefined;
      // What is waited for may be an assertion, which reads tensors.
      const reads = data || !PIVOTS.has(output.node.op);
      for (const input of inputs(output.node)) open.push({ output: input, data: reads });
      for (const node of waits(output.node)) open.push({ output: { node, index: 0 }, data: false });
    }
    return { result, entries, gates };
  }

  /** The predicate that a gate asks, without what only passes it on. */
  const predicateOf = (gate: Output) => plain(inputs(gate.node)[1]!);

  /** The predicate on which the two sides part: 0 is the gates' output for false, 1 for true. */
  function parting(no: Side, yes: Side): Output | undefined {
    const found: Output[] = [];
    for (const gate of no.gates) {
      const predicate = predicateOf(gate);
      const asks = (each: Output, index: number) => each.index === index && sameOutput(predicateOf(each), predicate);
      const parts = gate.index === 0 && yes.gates.some((each) => asks(each, 1));
      const mixed = no.gates.some((each) => asks(each, 1)) || yes.gates.some((each) => asks(each, 0));
      if (parts && !mixed && !found.some((each) => sameOutput(each, predicate))) found.push(predicate);
    }
    return found.length === 1 ? found[0] : undefined;
  }

  function contextOf(merge: Node): Context | undefined {
    const results = inputs(merge);
    if (results.length !== 2 || results.some(({ node }) => FRAMES.has(node.op) && node.op !== "Merge"))
      return undefined;
    const [a, b] = [sideOf(results[0]!), sideOf(results[1]!)];
    if (!a || !b) return undefined;
    const flipped = parting(a, b) === undefined;
    const [no, yes] = flipped ? [b, a] : [a, b];
    const predicate = parting(no, yes);
    if (!predicate) return undefined;
    const entries = [
      ...no.entries,
      ...yes.entries.filter((entry) => !no.entries.some((each) => sameOutput(each, entry))),
    ];
    const own = (entry: Output) => isSwitch(entry.node) && sameOutput(predicateOf(entry), predicate);
    const branch = ({ result }: Side): Body => ({
      inputs,
      controls,
      body,
      effects: () => [],
      parameters: entries,
      results: [result],
    });
    return {
      node: contextNode("CondContext", merge),
      inputs: () => [predicate, ...entries.map((entry) => (own(entry) ? inputs(entry.node)[0]! : entry))],
      body: (attribute) => branch(attribute === "then_branch" ? yes : no),
      outputOf: ({ index }) => (index === 0 ? 0 : -1),
    };
  }

  return ({ node }) => {
    if (node.op !== "Merge") return undefined;
    if (!known.has(node)) {
      // A damaged graph may lead back here.
      known.set(node, undefined);
      known.set(node, contextOf(node));
    }
    return known.get(node);
  };
};
