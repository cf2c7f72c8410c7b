import { type DType, dataLoss, failedPrecondition, isServingError } from "../../../../core/index.js";
import type { Budget } from "../../../../protos/tensor/decode.js";
import { dtypeOf } from "../../../../protos/tensor/dtype.js";
import { AttributeError } from "../graph/attributes.js";
import { isContext } from "../graph/contexts.js";
import type { Body, Scope } from "../graph/graph.js";
import { type Node, type Output, placeOf } from "../graph/node.js";
import { outputTypes } from "../graph/op-outputs.js";
import { reach, usedInputs } from "../graph/reach.js";
import { isTable } from "../graph/tables.js";
import { isVariable } from "../graph/variables.js";
import type { Builder } from "./builder.js";
import { type Constant, constantOf } from "./constant.js";
import { createContext } from "./context.js";
import { effectsOf } from "./effects.js";
import { fold } from "./fold.js";
import { type Obstacle, obstacleAt, Refusal } from "./refusal.js";
import type { RuleContext } from "./rule.js";
import { rules, takesLists, takesTables } from "./rules.js";
import type { State } from "./state.js";
import { borrowed, constantValue, tableValue, type Value } from "./value.js";

/** What all scopes of a signature share. */
export type Driver = State & {
  /** Gathers what stands in the way. */
  readonly obstacles: Obstacle[];
  readonly budget: Budget;
  readonly fixRank: (input: string) => void;
  readonly isFixed: (input: string) => boolean;
  readonly holdSizes: () => boolean;
};

const PLAIN = new Set(["Const", "NoOp", "Placeholder"]);
const isKnown = (node: Node) => rules.has(node.op) || PLAIN.has(node.op) || isVariable(node) || isTable(node);

/** A node's function has obstacles of its own, which are known already. */
class Stuck extends Error {}

// Loops are written again when a shape turns out to change, those inside them again each time.
const MOST_LOWERED = 2_000_000;

export type Lower = (
  scope: Scope,
  fetched: readonly Output[],
  given: readonly (readonly [Output, Value])[],
  builder: Builder,
) => readonly (Value | undefined)[];

/** Writes nodes into ONNX graphs; undefined for tensors whose nodes were refused. */
export function createLower(driver: Driver): Lower {
  const { obstacles, variable, table } = driver;
  let lowered = 0;

  /** The same function with these arguments, in a graph of its own or in this one. */
  function run(body: Body, args: readonly Value[], builder: Builder): readonly Value[] {
    if (body.parameters.length !== args.length) {
      throw new Refusal(`its function takes ${body.parameters.length} arguments and is given ${args.length}`);
    }
    const given = body.parameters.map((parameter, i) => [parameter, borrowed(args[i]!)] as const);
    const before = obstacles.length;
    const results = lower(body, body.results, given, builder);
    if (obstacles.length > before) throw new Stuck();
    return results.map((value, i) => {
      if (!value) throw new Refusal(`output ${i} of its function is not carried over`);
      return value;
    });
  }

  function lower(
    scope: Scope,
    fetched: readonly Output[],
    given: readonly (readonly [Output, Value])[],
    builder: Builder,
  ): readonly (Value | undefined)[] {
    const feeds = given.map(([output]) => output);
    const { computed, forced, loops } = reach(scope, fetched, [], feeds);
    const effects = effectsOf(scope, forced, (op) => rules.has(op));
    const unknown = computed.some((node) => !isKnown(node));
    // A loop of known operators is a damaged graph; TensorFlow's own loops are made of operators that are not known.
    if (!unknown) for (const node of loops) obstacles.push(obstacleAt(node, "it closes a loop in the graph"));
    obstacles.push(...effects.obstacles);
    const values = new Map<Node, readonly (Value | undefined)[]>();
    const fed = new Map<Node, Map<number, Value>>();
    for (const [{ node, index }, value] of given) {
      fed.set(node, (fed.get(node) ?? new Map<number, Value>()).set(index, value));
    }
    const lookup = ({ node, index }: Output) => fed.get(node)?.get(index) ?? values.get(node)?.[index];

    /** undefined where an input is missing because its own node was refused. */
    function lowerNode(node: Node): readonly (Value | undefined)[] | undefined {
      if (node.op === "NoOp") return [];
      if (node.op === "Placeholder") throw new Refusal("it is an input that the signature does not feed");
      if (isVariable(node)) return [constantValue(variable(node))];
      if (isTable(node)) return [tableValue(table(node))];
      const types = isContext(node) ? [] : node.opDef && outputTypes(node.def, node.opDef);
      if (!types) throw new Refusal("the model carries no definition of it");
      const dtypes = types.map(dtypeOf);
      if (dtypes.some((dtype) => dtype === undefined) && !takesLists(node.op)) {
        throw new Refusal("it yields something that is no tensor");
      }
      const sources = usedInputs(scope, node).map((input) => ({ input, value: lookup(input) }));
      if (sources.some(({ input, value }) => !value && !values.has(input.node))) return undefined;
      const missing = sources.find(({ value }) => !value);
      if (missing) throw new Refusal(`it uses output ${missing.input.index} of ${missing.input.node.op}`);
      const inputs = sources.map(({ value }) => value!);
      if (inputs.some(({ list }) => list) && !takesLists(node.op)) throw new Refusal("it takes a list of tensors");
      if (inputs.some((value) => value.table) && !takesTables(node.op)) throw new Refusal("it takes a table");
      const context = createContext({
        ...driver,
        node,
        inputs,
        dtypes: dtypes as DType[],
        builder,
        body: (attribute, index) => scope.body(node, attribute, index),
        run,
      });
      if (node.op === "Const") return [context.result(constantIn(context))];
      const result = fold(context) ?? rules.get(node.op)!(context);
      const unread = context.attrs.unread();
      if (unread.length > 0) throw new Refusal(`its attribute ${unread.join(", ")} is not carried over`);
      if (Array.isArray(result)) return result as readonly Value[];
      const value = result as Value;
      if (value.constant || inputs.includes(value)) return [value];
      return [{ ...value, origin: { op: node.op, attrs: context.attrs, inputs } }];
    }

    for (const node of [...computed, ...effects.carried]) {
      if (++lowered > MOST_LOWERED) throw failedPrecondition("its loops are nested too deeply to be lowered");
      if (!isKnown(node)) {
        obstacles.push(obstacleAt(node));
        continue;
      }
      try {
        const results = lowerNode(node);
        if (results) values.set(node, results);
      } catch (error) {
        if (error instanceof Stuck) continue;
        if (!(error instanceof Refusal || error instanceof AttributeError)) throw error;
        obstacles.push(obstacleAt(node, error.message));
      }
    }
    return fetched.map(lookup);
  }
  return lower;
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
