import { create } from "@bufbuild/protobuf";
import { dataLoss, failedPrecondition } from "../../../../core/index.js";
import type { FunctionDef } from "../../../../protos/gen/tensorflow/core/framework/function_pb.js";
import type { GraphDef } from "../../../../protos/gen/tensorflow/core/framework/graph_pb.js";
import { type NodeDef, NodeDefSchema } from "../../../../protos/gen/tensorflow/core/framework/node_def_pb.js";
import type { OpDef } from "../../../../protos/gen/tensorflow/core/framework/op_def_pb.js";
import type { Node, Output } from "./node.js";
import { outputNumber } from "./op-outputs.js";

/** Nodes that run together. */
export interface Scope {
  inputs(node: Node): readonly Output[];
  /** What must have run before the node, although it uses none of their tensors. */
  controls(node: Node): readonly Node[];
  /** What else runs because a function was entered: the effects its body must have. Grows as calls are opened. */
  effects(): readonly Node[];
  /**
   * The function that the node's attribute names, or that stands there in a list. Each attribute of a node has a body
   * of its own.
   */
  body(node: Node, attribute: string, index?: number): Body;
}

/** A function that a node runs when it sees fit, and as often: a branch, a loop's condition, a loop's body. */
export interface Body extends Scope {
  /** What stands for its arguments. */
  readonly parameters: readonly Output[];
  readonly results: readonly Output[];
}

/**
 * A GraphDef with its function calls opened: what is behind a call looks as if it stood in the main graph.
 * Nodes come into being when they are asked for, so what no output needs never exists.
 */
export interface Graph extends Scope {
  /** The tensor of that name in the main graph: `x`, `x:0`. */
  tensor(name: string): Output;
  /** The nodes that run when the main graph's node of that name runs. */
  target(name: string): readonly Node[];
  /** The nodes of an operator in the body that the node stands in. */
  alike(node: Node, op: string): readonly Node[];
  /** Whether the main graph's tensor is computed by a function call. */
  isCall(name: string): boolean;
}

/** A body being read: the main graph, or one call of a function. */
type Frame = {
  readonly path: string;
  readonly nodes: ReadonlyMap<string, NodeDef>;
  readonly made: Map<string, Node>;
  readonly byOp: Map<string, readonly Node[]>;
  readonly opened: Map<string, Frame>;
  /** The calls entered in the same scope. */
  readonly entered: Frame[];
  readonly call?: {
    readonly fn: FunctionDef;
    readonly name: string;
    readonly frame: Frame;
    readonly def: NodeDef;
    /** What stands for the arguments of a body; a call's own are the caller's tensors. */
    readonly parameters?: readonly Output[];
  };
};

const CALLS = new Set(["PartitionedCall", "StatefulPartitionedCall"]);
// Functions that call others twice, which call others twice …: a small file can describe an endless graph.
const MOST_NODES = 500_000;
const MOST_HOPS = 100_000;
const MOST_DEPTH = 64;

const isControl = (input: string) => input.startsWith("^");
const byName = (nodes: readonly NodeDef[]) => new Map(nodes.map((node) => [node.name, node]));

/** @throws DATA_LOSS and FAILED_PRECONDITION from all its functions; messages name the node and the function */
export function openGraph(graph: GraphDef, ops: ReadonlyMap<string, OpDef>): Graph {
  const functions = new Map((graph.library?.function ?? []).map((fn) => [fn.signature?.name ?? "", fn]));
  const root: Frame = {
    path: "",
    nodes: byName(graph.node),
    made: new Map(),
    byOp: new Map(),
    opened: new Map(),
    entered: [],
  };
  let frames = 0;
  const links = new Map<Node, Frame>();
  const bodies = new Map<FunctionDef, ReadonlyMap<string, NodeDef>>();

  const where = (frame: Frame) => (frame.call ? `the function "${frame.call.name}"` : "the graph");

  function calleeOf(def: NodeDef): FunctionDef | undefined {
    const f = def.attr.f?.value;
    const name = CALLS.has(def.op) ? (f?.case === "func" ? f.value.name : "") : def.op;
    const fn = functions.get(name);
    if (!fn && CALLS.has(def.op)) throw dataLoss(`"${def.name}" calls the function "${name}", which does not exist`);
    return fn;
  }

  function grow(): void {
    if (links.size + frames > MOST_NODES) {
      throw failedPrecondition(`the graph has more than ${MOST_NODES} nodes once its function calls are opened`);
    }
  }

  function nodesOf(fn: FunctionDef): ReadonlyMap<string, NodeDef> {
    const known = bodies.get(fn) ?? byName(fn.nodeDef);
    bodies.set(fn, known);
    return known;
  }

  function checkDepth(frame: Frame, def: NodeDef, fn: FunctionDef): void {
    let depth = 0;
    for (let outer: Frame | undefined = frame; outer?.call; outer = outer.call.frame) {
      if (outer.call.fn === fn) {
        throw failedPrecondition(`the function "${outer.call.name}" calls itself, at "${def.name}"`);
      }
      if (outer.call.parameters) depth++;
    }
    if (depth > MOST_DEPTH) throw failedPrecondition(`loops and branches are nested too deeply at "${def.name}"`);
    frames++;
    grow();
  }

  function open(frame: Frame, def: NodeDef, fn: FunctionDef): Frame {
    const known = frame.opened.get(def.name);
    if (known) return known;
    checkDepth(frame, def, fn);
    const inner: Frame = {
      path: `${frame.path}${def.name}/`,
      nodes: nodesOf(fn),
      made: new Map(),
      byOp: new Map(),
      opened: new Map(),
      entered: frame.entered,
      call: { fn, name: fn.signature?.name ?? "", frame, def },
    };
    frame.opened.set(def.name, inner);
    frame.entered.push(inner);
    return inner;
  }

  function openBody(frame: Frame, node: Node, attribute: string, index: number): Frame {
    const key = `${node.def.name} ${attribute} ${index}`;
    const known = frame.opened.get(key);
    if (known) return known;
    const value = node.def.attr[attribute]?.value;
    const named = value?.case === "func" ? value.value : value?.case === "list" ? value.value.func[index] : undefined;
    const name = named?.name ?? "";
    const fn = functions.get(name);
    if (!fn) throw dataLoss(`"${node.def.name}" runs the function "${name}", which does not exist`);
    checkDepth(frame, node.def, fn);
    const path = `${node.name}/${attribute}${value?.case === "list" ? index : ""}/`;
    const parameters = (fn.signature?.inputArg ?? []).map((argument): Output => {
      const def = create(NodeDefSchema, { name: argument.name, op: "_Arg" });
      return { node: { name: path + argument.name, op: def.op, fn: name, def, opDef: undefined }, index: 0 };
    });
    const inner: Frame = {
      path,
      nodes: nodesOf(fn),
      made: new Map(),
      byOp: new Map(),
      opened: new Map(),
      entered: [],
      call: { fn, name, frame, def: node.def, parameters },
    };
    frame.opened.set(key, inner);
    return inner;
  }

  function nodeOf(frame: Frame, def: NodeDef): Node {
    const known = frame.made.get(def.name);
    if (known) return known;
    grow();
    const node = {
      name: frame.path + def.name,
      op: def.op,
      fn: frame.call?.name,
      def,
      opDef: ops.get(def.op),
    };
    frame.made.set(def.name, node);
    links.set(node, frame);
    return node;
  }

  function defOf(frame: Frame, name: string, user: string): NodeDef {
    const def = frame.nodes.get(name);
    if (!def) throw dataLoss(`"${user}" in ${where(frame)} uses "${name}", which does not exist`);
    return def;
  }

  /** Which of its outputs a reference means: `node:2` in the main graph, `node:argument:2` in a function. */
  function numberOf(frame: Frame, def: NodeDef, callee: FunctionDef | undefined, parts: readonly string[]): number {
    const last = Number(parts.at(-1) ?? 0);
    if (parts.length < 2) return last;
    const op = callee && !CALLS.has(def.op) ? callee.signature : ops.get(def.op);
    // The generic calls have one list of outputs, whether or not the model carries their definition. Another operator
    // without a definition stands in the way by itself, whatever its outputs' numbers.
    const number = op ? outputNumber(def, op, parts[0]!, last) : last;
    if (number !== undefined) return number;
    throw dataLoss(`"${def.name}:${parts.join(":")}" in ${where(frame)} cannot be found: ${def.op} has no such output`);
  }

  function resolve(start: Frame, input: string, user: string): Output {
    let frame = start;
    let reference = input;
    for (let hops = 0; hops < MOST_HOPS; hops++) {
      const [name = "", ...parts] = reference.split(":");
      const argument = frame.call?.fn.signature?.inputArg.findIndex((arg) => arg.name === name) ?? -1;
      if (frame.call && argument >= 0) {
        if (frame.call.parameters) return frame.call.parameters[argument]!;
        const given = frame.call.def.input.filter((each) => !isControl(each))[argument];
        if (given === undefined) throw dataLoss(`"${frame.call.def.name}" calls ${where(frame)} without "${name}"`);
        reference = given;
        frame = frame.call.frame;
        continue;
      }
      const def = defOf(frame, name, user);
      const callee = calleeOf(def);
      const index = numberOf(frame, def, callee, parts);
      if (!callee) return { node: nodeOf(frame, def), index };
      frame = open(frame, def, callee);
      const result = callee.signature?.outputArg[index]?.name ?? "";
      const returned = callee.ret[result];
      if (returned === undefined) throw dataLoss(`${where(frame)} has no output number ${index}`);
      reference = returned;
    }
    throw failedPrecondition(`"${user}" in ${where(start)} uses itself: ${input} leads back to where it came from`);
  }

  function nodesBehind(frame: Frame, name: string, user: string): Node[] {
    // An argument's own effects belong to the caller, who has them already.
    if (frame.call?.fn.signature?.inputArg.some((arg) => arg.name === name)) return [];
    const def = defOf(frame, name, user);
    const callee = calleeOf(def);
    if (!callee) return [nodeOf(frame, def)];
    open(frame, def, callee);
    return [];
  }

  function inputs(node: Node): readonly Output[] {
    const frame = links.get(node);
    if (!frame) return [];
    return node.def.input.filter((input) => !isControl(input)).map((input) => resolve(frame, input, node.def.name));
  }

  function controls(node: Node): readonly Node[] {
    const frame = links.get(node);
    if (!frame) return [];
    const names = node.def.input.filter(isControl).map((input) => input.slice(1));
    return names.flatMap((name) => nodesBehind(frame, name, node.def.name));
  }

  function own(frame: Frame): Node[] {
    const { fn } = frame.call!;
    return Object.values(fn.controlRet).flatMap((name) => nodesBehind(frame, name, where(frame)));
  }

  function effects(entered: readonly Frame[]): Node[] {
    const out: Node[] = [];
    for (const frame of entered) {
      const { frame: caller, def } = frame.call!;
      out.push(...own(frame));
      for (const input of def.input) if (isControl(input)) out.push(...nodesBehind(caller, input.slice(1), def.name));
    }
    return out;
  }

  function body(node: Node, attribute: string, index = 0): Body {
    const frame = openBody(links.get(node)!, node, attribute, index);
    const { fn, parameters = [] } = frame.call!;
    const results = (fn.signature?.outputArg ?? []).map(({ name }) => {
      const returned = fn.ret[name];
      if (returned === undefined) throw dataLoss(`${where(frame)} does not say what "${name}" is`);
      return resolve(frame, returned, name);
    });
    const all = () => [...own(frame), ...effects(frame.entered)];
    return { inputs, controls, effects: all, body, parameters, results };
  }

  return {
    tensor: (name) => resolve(root, name, name),
    target: (name) => nodesBehind(root, name, name),
    isCall: (name) => calleeOf(defOf(root, name.split(":")[0]!, name)) !== undefined,
    alike: (node, op) => {
      const frame = links.get(node);
      if (!frame) return [];
      const known = frame.byOp.get(op);
      if (known) return known;
      const defs = [...frame.nodes.values()].filter((def) => def.op === op || def.op === `Ref${op}`);
      const nodes = defs.map((def) => nodeOf(frame, def));
      frame.byOp.set(op, nodes);
      return nodes;
    },
    inputs,
    controls,
    effects: () => effects(root.entered),
    body,
  };
}
