import { type Context, contextNode, type Finder } from "./contexts.js";
import type { Body } from "./graph.js";
import type { Node, Output } from "./node.js";

/** One variable of a loop: where it starts, what a turn finds, what it leaves, and what comes out. */
type Variable = { readonly start: Output; readonly merge: Node; readonly gate: Node; readonly next: Output };

const isOp = (node: Node | undefined, op: string) => node?.op === op || node?.op === `Ref${op}`;
const text = (node: Node, name: string) => {
  const value = node.def.attr[name]?.value;
  return value?.case === "s" ? new TextDecoder().decode(value.value) : "";
};
const isConstant = ({ def }: Node) => def.attr.is_constant?.value.case === "b" && def.attr.is_constant.value.value;

/** The loops of a graph of TensorFlow 1: `while_loop` writes each as a frame of its own name. */
export const whileContexts: Finder = (graph) => {
  const known = new Map<Node, Context | undefined>();

  function variable(gate: Node): Variable | undefined {
    const merge = graph.inputs(gate)[0]?.node;
    if (!merge || !isOp(merge, "Merge")) return undefined;
    const [enter, again] = graph.inputs(merge).map(({ node }) => node);
    if (!isOp(enter, "Enter") || !isOp(again, "NextIteration")) return undefined;
    const [[start], [next]] = [graph.inputs(enter!), graph.inputs(again!)];
    return start && next && { start, merge, gate, next };
  }

  /** The loop that a condition steers; undefined where it is not of the form that is known. */
  function contextOf(condition: Node): Context | undefined {
    const gates = graph.alike(condition, "Switch").filter((gate) => graph.inputs(gate)[1]?.node === condition);
    const variables = gates.map(variable);
    if (variables.length === 0 || variables.some((each) => each === undefined)) return undefined;
    const all = variables as readonly Variable[];
    const frame = (each: Variable) => text(graph.inputs(each.merge)[0]!.node, "frame_name");
    const name = frame(all[0]!);
    if (all.some((each) => frame(each) !== name)) return undefined;
    // What a loop uses from outside enters its frame too, and stays the same.
    const constants = graph
      .alike(condition, "Enter")
      .filter((enter) => isConstant(enter) && text(enter, "frame_name") === name);

    const { inputs, controls, body } = graph;
    const [holds] = inputs(condition);
    if (!holds || constants.some((enter) => !inputs(enter)[0])) return undefined;
    const entered = constants.map((node): Output => ({ node, index: 0 }));
    const scope = { inputs, controls, body, effects: () => [] };
    const cond: Body = {
      ...scope,
      parameters: [...all.map(({ merge }): Output => ({ node: merge, index: 0 })), ...entered],
      results: [holds],
    };
    const turn = (): Body => ({
      ...scope,
      parameters: [...all.map(({ gate }): Output => ({ node: gate, index: 1 })), ...entered],
      results: [...all.map(({ next }) => next), ...entered],
    });
    return {
      node: contextNode("WhileContext", condition),
      inputs: () => [...all.map(({ start }) => start), ...constants.map((enter) => inputs(enter)[0]!)],
      body: (attribute) => (attribute === "cond" ? cond : turn()),
      outputOf: ({ node }) => all.findIndex(({ gate }) => gate === inputs(node)[0]?.node),
    };
  }

  return ({ node, index }) => {
    if (!isOp(node, "Exit") || index !== 0) return undefined;
    const gate = graph.inputs(node)[0]?.node;
    const condition = gate && isOp(gate, "Switch") ? graph.inputs(gate)[1]?.node : undefined;
    if (!condition || !isOp(condition, "LoopCond")) return undefined;
    if (!known.has(condition)) {
      // Its own results can be looked at on the way, by a switch behind the loop: there it is not known yet.
      known.set(condition, undefined);
      known.set(condition, contextOf(condition));
    }
    return known.get(condition);
  };
};
