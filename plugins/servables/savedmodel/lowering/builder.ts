import { type DType, tensor } from "../../../../core/index.js";
import { onnxType } from "../onnx/data-types.js";
import type { Attribute, OnnxGraph, OnnxNode, OnnxValue } from "../onnx/graph.js";
import type { FlatGraph, FlatNode, HostNode } from "../program/flat.js";
import { evaluateOp } from "../steps/evaluate/evaluate.js";
import type { OnnxCall } from "../steps/evaluate/evaluator.js";
import { type Constant, constantOf } from "./constant.js";
import { computedIn, outputTypes } from "./kernels.js";
import { Refusal } from "./refusal.js";
import type { Value } from "./value.js";

const TO_CHANNELS_FIRST = [0, 3, 1, 2];
const TO_CHANNELS_LAST = [0, 2, 3, 1];

/**
 * An ONNX graph being written. Names start with the TensorFlow node's, so the runtime's errors point at it. Operators
 * that ONNX Runtime does not compute in a type are written with casts around them, where that changes nothing.
 */
export interface Builder {
  emit(
    scope: string,
    op: string,
    inputs: readonly string[],
    attributes?: Readonly<Record<string, Attribute>>,
    outputs?: number,
  ): readonly string[];
  /** A step of our own. @throws Refusal inside of loops and branches, which run in ONNX Runtime as a whole */
  host(node: Omit<HostNode, "outputs">, dtypes: readonly DType[]): readonly string[];
  initializer(constant: Constant): string;
  /** A name like this one that nothing else has. */
  name(like: string): string;
  /** The value's name in TensorFlow's order of dimensions. */
  plain(value: Value): string;
  /** The name of an image's twin with its channels before its rows and columns; the value must have rank 4. */
  channelsFirst(value: Value): string;
  /** A graph inside this one, for a loop or a branch: it sees this one's names, and its constants are written here. */
  nested(): Builder;
  /** Has the graph run what computes `name`, although no output may need it. */
  guard(name: string): void;
  /** What guards it, as further outputs; empty for most graphs. */
  guards(): readonly string[];
  /** A graph inside another. */
  build(inputs: readonly OnnxValue[], outputs: readonly OnnxValue[]): OnnxGraph;
  /** The outermost graph, with its host steps. */
  flat(inputs: readonly OnnxValue[], outputs: readonly OnnxValue[]): FlatGraph;
}

/** What a graph shares with those inside it. */
type Shared = {
  readonly constants: Map<string, { readonly name: string; readonly constant: Constant }>;
  readonly taken: Map<string, number>;
  /** The types of names, as far as they are known. */
  readonly types: Map<string, DType>;
};

export const createBuilder = (): Builder =>
  builderIn({ constants: new Map(), taken: new Map(), types: new Map() }, true);

function builderIn(shared: Shared, outermost: boolean): Builder {
  const { constants, taken, types } = shared;
  const nodes: FlatNode[] = [];
  const guards: string[] = [];

  function unique(name: string): string {
    const count = taken.get(name) ?? 0;
    taken.set(name, count + 1);
    return count === 0 ? name : unique(`${name}~${count}`);
  }

  function typed(name: string, dtype: DType | undefined): string {
    if (dtype !== undefined) types.set(name, dtype);
    return name;
  }

  const write: Builder["emit"] = (scope, op, inputs, attributes = {}, outputs = 1) => {
    const name = unique(scope);
    const dtypes = outputTypes(
      op,
      inputs.map((input) => types.get(input)),
      attributes,
      outputs,
    );
    const names = dtypes.map((dtype, i) => typed(outputs === 1 ? name : `${name}:${i}`, dtype));
    nodes.push({ op, name, inputs, outputs: names, attributes });
    return names;
  };

  const builder: Builder = {
    emit: (scope, op, inputs, attributes, outputs) => {
      // ONNX Runtime's own copies the first string of each row alone.
      if (op === "Gather" && types.get(inputs[0]!) === "string") {
        const call: OnnxCall = { op, attributes: attributes ?? {} };
        return builder.host({ host: evaluateOp.name, name: scope, attributes: call, inputs }, ["string"]);
      }
      const given = inputs.map((input) => types.get(input));
      const other = computedIn(op, given);
      if (!other) return write(scope, op, inputs, attributes, outputs);
      const cast = (name: string, dtype: DType) => write(scope, "Cast", [name], { to: onnxType(dtype)! })[0]!;
      const operands = inputs.map((name, i) =>
        name !== "" && other.operands.includes(i) ? cast(name, other.dtype) : name,
      );
      const [first, ...rest] = write(scope, op, operands, attributes, outputs);
      const own = given[other.operands[0]!]!;
      return [other.castsBack ? cast(first!, own) : first!, ...rest];
    },
    host: (node, dtypes) => {
      if (!outermost) throw new Refusal("it runs outside of ONNX, which nothing in a loop or a branch can");
      const name = unique(node.name);
      const outputs = dtypes.map((dtype, i) => typed(dtypes.length === 1 ? name : `${name}:${i}`, dtype));
      nodes.push({ ...node, name, outputs });
      return outputs;
    },
    name: unique,
    initializer: (constant) => {
      const known = constants.get(constant.id);
      if (known) return known.name;
      const name = unique(`const ${constants.size}`);
      constants.set(constant.id, { name, constant });
      return typed(name, constant.dtype);
    },
    plain: (value) => {
      const { names, constant } = value;
      if (names.plain !== undefined) return typed(names.plain, value.dtype);
      if (constant) names.plain = builder.initializer(constant);
      else if (names.channelsFirst !== undefined) {
        const perm = { perm: TO_CHANNELS_LAST };
        names.plain = builder.emit(`${names.channelsFirst}/channels_last`, "Transpose", [names.channelsFirst], perm)[0];
      }
      return names.plain!;
    },
    channelsFirst: (value) => {
      const { names } = value;
      if (names.channelsFirst !== undefined) typed(names.channelsFirst, value.dtype);
      else {
        const plain = builder.plain(value);
        names.channelsFirst = builder.emit(`${plain}/channels_first`, "Transpose", [plain], {
          perm: TO_CHANNELS_FIRST,
        })[0];
      }
      return names.channelsFirst!;
    },
    nested: () => builderIn(shared, false),
    guard: (name) => void guards.push(name),
    guards: () => guards,
    build: (inputs, outputs) => ({ nodes: nodes as readonly OnnxNode[], initializers: [], inputs, outputs }),
    flat: (inputs, outputs) => ({ nodes, initializers: [...constants.values()], inputs, outputs, types }),
  };
  return builder;
}

/** A small constant: a list of integers, or one number when `values` is no list. */
export function integers(values: number | readonly number[], dtype: "int32" | "int64" = "int64"): Constant {
  const list = typeof values === "number" ? [values] : values;
  const shape = typeof values === "number" ? [] : [list.length];
  return dtype === "int64"
    ? constantOf(tensor("int64", shape, BigInt64Array.from(list, BigInt)))
    : constantOf(tensor("int32", shape, Int32Array.from(list)));
}
