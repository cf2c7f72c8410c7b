import { allocate, type DType, type NumericDType, type Tensor, tensor } from "../../../../core/index.js";
import type { Budget } from "../../../../protos/tensor/decode.js";
import { type Attributes, attributesOf } from "../graph/attributes.js";
import type { Body } from "../graph/graph.js";
import type { Node } from "../graph/node.js";
import { onnxType } from "../onnx/data-types.js";
import { type Builder, integers } from "./builder.js";
import { type Constant, constantOf } from "./constant.js";
import { Refusal } from "./refusal.js";
import type { RuleContext } from "./rule.js";
import { union, type Value } from "./value.js";

/** A numeric scalar; whole numbers only for the integer types. */
export function scalarConstant(dtype: DType, value: number): Constant {
  if (dtype === "string" || dtype.includes("float16") || dtype.startsWith("complex")) {
    throw new Refusal(`it needs a constant of type ${dtype}`);
  }
  const data = allocate(dtype as NumericDType, 1);
  if (data instanceof BigInt64Array || data instanceof BigUint64Array) data[0] = BigInt(value);
  else data[0] = value;
  return constantOf(tensor(dtype as NumericDType, [], data as never) as Tensor);
}

export type ContextOptions = {
  readonly node: Node;
  readonly inputs: readonly Value[];
  readonly dtypes: readonly DType[];
  readonly builder: Builder;
  /** Called with each signature input whose rank the rule makes use of. */
  readonly fixRank: (input: string) => void;
  /** Whether the rank of a signature input is fixed already. */
  readonly isFixed: (input: string) => boolean;
  readonly holdSizes: () => boolean;
  readonly budget: Budget;
  readonly body: (attribute: string, index?: number) => Body;
  readonly run: (body: Body, args: readonly Value[], builder: Builder) => readonly Value[];
};

export function createContext(options: ContextOptions): RuleContext {
  const { node, inputs, dtypes, builder, fixRank, isFixed, holdSizes, budget } = options;
  const attrs: Attributes = attributesOf(node.def, node.opDef, budget);
  const nameOf = (input: Value | string) => (typeof input === "string" ? input : builder.plain(input));
  const from = union(inputs);
  const certainly: ReadonlySet<string> = new Set();

  const context: RuleContext = {
    node,
    attrs,
    inputs,
    dtypes,
    input: (index) => inputs[index] ?? context.refuse(`it has no input ${index}`),
    emit: (op, given, attributes) => builder.emit(node.name, op, given.map(nameOf), attributes)[0]!,
    emitMany: (op, given, attributes, outputs) => builder.emit(node.name, op, given.map(nameOf), attributes, outputs),
    plain: builder.plain,
    channelsFirst: builder.channelsFirst,
    constant: builder.initializer,
    int64: (values) => builder.initializer(integers(values)),
    scalar: (dtype, value) => {
      if (dtype !== "float16" && dtype !== "bfloat16") return builder.initializer(scalarConstant(dtype, value));
      return context.emit("Cast", [context.scalar("float32", value)], { to: context.onnxType(dtype) });
    },
    known: (index, what) => {
      const { constant } = context.input(index);
      return constant ? constant.value() : context.refuse(`only the run tells ${what}`);
    },
    ints: (index, what) => {
      const { dtype, data } = context.known(index, what);
      if (dtype !== "int32" && dtype !== "int64") return context.refuse(`${what} is of type ${dtype}`);
      return Array.from(data as Int32Array | BigInt64Array, Number);
    },
    int: (index, what) => context.ints(index, what)[0] ?? context.refuse(`${what} is empty`),
    holdSizes,
    rank: (value) => {
      if (value.shape === null) return undefined;
      for (const name of value.from) fixRank(name);
      return value.shape.length;
    },
    settledRank: ({ shape, from }) => ([...from].every(isFixed) ? shape?.length : undefined),
    requireRank: (value, ...wanted) => {
      const rank = context.rank(value);
      if (rank === undefined) return context.refuse("the rank of its input is not known before the model runs");
      if (wanted.length > 0 && !wanted.includes(rank)) context.refuse(`its input has the rank ${rank}`);
      return rank;
    },
    value: (plain, shape, { output = 0, certain = false } = {}) => ({
      dtype: dtypes[output]!,
      shape,
      from: certain ? certainly : from,
      names: { plain },
    }),
    image: (channelsFirst, shape, { certain = false } = {}) => ({
      dtype: dtypes[0]!,
      shape,
      from: certain ? certainly : from,
      names: { channelsFirst },
    }),
    result: (constant) => ({
      dtype: constant.dtype,
      shape: constant.shape,
      from: certainly,
      constant,
      names: {},
    }),
    host: (op, attributes, given, types = dtypes) =>
      builder.host({ host: op.name, name: node.name, attributes, inputs: given.map(nameOf) }, types),
    builder,
    body: (attribute, index) => {
      attrs.functions(attribute);
      return options.body(attribute, index);
    },
    run: (body, args, into = builder) => options.run(body, args, into),
    onnxType: (dtype) => onnxType(dtype) ?? context.refuse(`ONNX has no type for ${dtype}`),
    refuse: (reason) => {
      throw new Refusal(reason);
    },
  };
  return context;
}
