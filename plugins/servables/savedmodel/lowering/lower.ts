import { type DType, dataLoss, failedPrecondition, isServingError, type Signature } from "../../../../core/index.js";
import { createBudget } from "../../../../protos/tensor/decode.js";
import { dtypeOf } from "../../../../protos/tensor/dtype.js";
import { AttributeError } from "../graph/attributes.js";
import type { Graph } from "../graph/graph.js";
import { type Node, type Output, placeOf } from "../graph/node.js";
import { outputTypes } from "../graph/op-outputs.js";
import { reach } from "../graph/reach.js";
import { isVariable } from "../graph/variables.js";
import { onnxType } from "../onnx/data-types.js";
import { type OnnxValue, pruned } from "../onnx/graph.js";
import type { ParsePlan } from "../parsing/plan.js";
import { createBuilder } from "./builder.js";
import { type Constant, constantOf } from "./constant.js";
import { createContext } from "./context.js";
import { fold } from "./fold.js";
import { type Obstacle, obstacleAt, Refusal } from "./refusal.js";
import type { RuleContext } from "./rule.js";
import { rules } from "./rules.js";
import { type FedGraph, withoutUnfed } from "./unfed.js";
import type { Value } from "./value.js";

/** A signature as an ONNX graph. Its outputs are in the order of the signature's. */
export type Lowered = FedGraph & {
  /** Ranks that the graph was written for, by input: others would be answered differently than by TensorFlow. */
  readonly ranks: Readonly<Record<string, number>>;
};

export type Lowering = { readonly lowered: Lowered } | { readonly obstacles: readonly Obstacle[] };

/** Operators without tensors of their own that never stand in the way. */
const SILENT = new Set(["NoOp", "Const", "Placeholder"]);
/** Operators that only touch state to read it, and may run or not. */
const HARMLESS = new Set(["ReadVariableOp", "VarIsInitializedOp", "DisableCopyOnRead"]);

const known = (node: Node) => rules.has(node.op) || SILENT.has(node.op) || isVariable(node);

/** Operators that run for an effect ONNX cannot have: counters, assertions, tables being filled. */
function effects(forced: readonly Node[]): Obstacle[] {
  return forced
    .filter((node) => !SILENT.has(node.op) && !HARMLESS.has(node.op) && !isVariable(node))
    .filter((node) => node.opDef?.isStateful ?? !rules.has(node.op))
    .map((node) => obstacleAt(node, "it runs for its effect, which cannot be carried over"));
}

/**
 * Writes one signature as an ONNX graph, or says all that stands in the way.
 * `variable` gives the value of a variable, or throws a ServingError that names it.
 */
export function lowerSignature(graph: Graph, signature: Signature, variable: (node: Node) => Constant): Lowering {
  const inputs = Object.entries(signature.inputs);
  const fed = inputs.map(([, spec]) => {
    if (graph.isCall(spec.name!)) throw failedPrecondition(`"${spec.name}" is an input and computed by a function`);
    return graph.tensor(spec.name!);
  });
  const outputs = Object.entries(signature.outputs);
  const fetched = outputs.map(([, spec]) => graph.tensor(spec.name!));
  const { computed, forced, loops } = reach(graph, fetched, [], fed);

  const unknown = computed.filter((node) => !known(node)).map((node) => obstacleAt(node));
  // A loop of known operators is a damaged graph; TensorFlow's own loops are made of operators that are not known.
  const closed = unknown.length > 0 ? [] : loops.map((node) => obstacleAt(node, "it closes a loop in the graph"));
  const obstacles = [...closed, ...unknown, ...effects(forced)];
  if (obstacles.length > 0) return { obstacles };

  const builder = createBuilder();
  const budget = createBudget();
  const ranks = new Map<string, number>();
  const values = new Map<Node, readonly (Value | undefined)[]>();
  const fedValues = new Map<Node, Map<number, Value>>();
  const onnxInputs = inputs.map(([key, { dtype, shape }], i) => {
    const { node, index } = fed[i]!;
    const name = builder.name(key);
    const open = shape && new Array<number>(shape.length).fill(-1);
    const value: Value = { dtype, shape: open, from: new Set([key]), names: { plain: name }, input: key };
    fedValues.set(node, (fedValues.get(node) ?? new Map<number, Value>()).set(index, value));
    if (onnxType(dtype) === undefined) obstacles.push(obstacleAt(node, `ONNX has no type for ${dtype}`));
    return { name, dtype };
  });
  const parses: ParsePlan[] = [];
  const feeds: OnnxValue[] = [];
  const feed = (like: string, dtype: DType): string => {
    const name = builder.name(like);
    feeds.push({ name, dtype });
    return name;
  };
  const parse = (plan: ParsePlan) => void parses.push(plan);
  const fixRank = (key: string) => {
    const shape = signature.inputs[key]?.shape;
    if (shape) ranks.set(key, shape.length);
  };

  const lookup = ({ node, index }: Output) => fedValues.get(node)?.get(index) ?? values.get(node)?.[index];

  /** undefined where an input is missing because its own node was refused. */
  function lowerNode(node: Node): readonly (Value | undefined)[] | undefined {
    if (node.op === "NoOp") return [];
    if (node.op === "Placeholder") throw new Refusal("it is an input that the signature does not feed");
    const types = node.opDef && outputTypes(node.def, node.opDef);
    const dtypes = (types ?? []).map(dtypeOf);
    if (isVariable(node)) return [constantValue(variable(node))];
    if (!types) throw new Refusal("the model carries no definition of it");
    if (dtypes.some((dtype) => dtype === undefined)) throw new Refusal("it yields something that is no tensor");
    const sources = graph.inputs(node).map((input) => ({ input, value: lookup(input) }));
    if (sources.some(({ input, value }) => !value && !(input.node && values.has(input.node)))) return undefined;
    const missing = sources.find(({ value }) => !value);
    if (missing) throw new Refusal(`it uses output ${missing.input.index} of ${missing.input.node.op}`);
    const context = createContext({
      node,
      inputs: sources.map(({ value }) => value!),
      dtypes: dtypes as DType[],
      builder,
      fixRank,
      budget,
      feed,
      parse,
    });
    if (node.op === "Const") return [context.result(constantIn(context))];
    const constant = fold(context);
    const result = constant ?? rules.get(node.op)!(context);
    const unread = context.attrs.unread();
    if (unread.length > 0) throw new Refusal(`its attribute ${unread.join(", ")} is not carried over`);
    return Array.isArray(result) ? (result as readonly Value[]) : [result as Value];
  }

  for (const node of computed) {
    try {
      const results = lowerNode(node);
      if (results) values.set(node, results);
    } catch (error) {
      if (!(error instanceof Refusal || error instanceof AttributeError)) throw error;
      obstacles.push(obstacleAt(node, error.message));
    }
  }
  const onnxOutputs = outputs.flatMap(([key, { dtype }], i) => {
    const { node, index } = fetched[i]!;
    const value = lookup(fetched[i]!);
    if (!value) {
      if (obstacles.length === 0) obstacles.push(obstacleAt(node, `its output ${index} is not carried over`));
    } else if (onnxType(dtype) === undefined) obstacles.push(obstacleAt(node, `ONNX has no type for ${dtype}`));
    else if (value.dtype !== dtype) {
      obstacles.push(obstacleAt(node, `it yields ${value.dtype}, the signature says ${dtype}`));
    } else return [{ name: builder.emit(key, "Identity", [builder.plain(value)])[0]!, dtype }];
    return [];
  });
  if (obstacles.length > 0) return { obstacles };
  const whole = pruned(builder.build([...onnxInputs, ...feeds], onnxOutputs));
  const named = inputs.map(([key], i) => [key, onnxInputs[i]!.name] as const);
  return { lowered: { ...withoutUnfed(whole, named, parses), ranks: Object.fromEntries(ranks) } };
}

/** @throws DATA_LOSS that names the node */
function constantIn({ attrs, node }: RuleContext): Constant {
  try {
    return constantOf(attrs.tensor("value"));
  } catch (error) {
    if (!isServingError(error)) throw error;
    throw dataLoss(`saved_model.pb: the constant ${placeOf(node)} cannot be read: ${error.message}`, error);
  }
}

const constantValue = (constant: Constant): Value => ({
  dtype: constant.dtype,
  shape: constant.shape,
  from: new Set(),
  constant,
  names: {},
});
