import { toBinary } from "@bufbuild/protobuf";
import type { DType, Tensor } from "../../../../core/index.js";
import type { AttrValue } from "../../../../protos/gen/tensorflow/core/framework/attr_value_pb.js";
import type { NodeDef } from "../../../../protos/gen/tensorflow/core/framework/node_def_pb.js";
import type { OpDef } from "../../../../protos/gen/tensorflow/core/framework/op_def_pb.js";
import { TensorProtoSchema } from "../../../../protos/gen/tensorflow/core/framework/tensor_pb.js";
import type { TensorShapeProto } from "../../../../protos/gen/tensorflow/core/framework/tensor_shape_pb.js";
import { type Budget, decodeTensorProto } from "../../../../protos/tensor/decode.js";
import { dtypeOf } from "../../../../protos/tensor/dtype.js";

/**
 * A node's attributes with the operator's defaults behind them. It remembers which were asked for: an attribute
 * that a rule never looked at is one it does not understand.
 */
export interface Attributes {
  int(name: string, fallback?: number): number;
  /** Of more than the 53 bits that `int` is exact in. */
  bigint(name: string): bigint;
  bigints(name: string): readonly bigint[];
  float(name: string, fallback?: number): number;
  flag(name: string, fallback?: boolean): boolean;
  text(name: string, fallback?: string): string;
  /** The bytes of a text, which need not be UTF-8. */
  bytes(name: string): Uint8Array;
  texts(name: string): readonly string[];
  floats(name: string): readonly number[];
  ints(name: string, fallback?: readonly number[]): readonly number[];
  /** undefined for types a tensor cannot have */
  dtype(name: string): DType | undefined;
  dtypes(name: string): readonly (DType | undefined)[];
  tensor(name: string): Tensor;
  /** One number a dimension, -1 where open; null when the rank is open. */
  shape(name: string): readonly number[] | null;
  shapes(name: string): readonly (readonly number[] | null)[];
  /** The names of functions. */
  functions(name: string): readonly string[];
  /** Attributes set on the node, other than types and notes to TensorFlow's runtime, that nobody asked for. */
  unread(): string[];
}

type Value = AttrValue["value"];
type Case = NonNullable<Value["case"]>;
type ValueOf<C extends Case> = NonNullable<Extract<Value, { case: C }>["value"]>;

export class AttributeError extends Error {}

const decoder = new TextDecoder();

/** Attributes that say where a node runs or how it is shown, never what it computes. */
const NOTES = new Set([
  "use_cudnn_on_gpu",
  "use_cudnn",
  "container",
  "shared_name",
  "grad_a",
  "grad_b",
  "validate_indices",
  "output_shapes",
  "parallel_iterations",
]);

function equalsDefault(value: AttrValue, op: OpDef | undefined, name: string): boolean {
  const standard = op?.attr.find((attr) => attr.name === name)?.defaultValue;
  const text = (attr: AttrValue) =>
    JSON.stringify(attr.value, (key, item) =>
      key === "$typeName" ? undefined : typeof item === "bigint" ? `${item}n` : item,
    );
  return standard !== undefined && text(standard) === text(value);
}

/** Attributes that count the node's own inputs or outputs or list their types, and so say nothing new. */
function ofItsOwn(op: OpDef | undefined): ReadonlySet<string> {
  return new Set(
    [...(op?.inputArg ?? []), ...(op?.outputArg ?? [])].flatMap((arg) => [arg.numberAttr, arg.typeListAttr]),
  );
}

const shapeOf = ({ unknownRank, dim }: TensorShapeProto): readonly number[] | null =>
  unknownRank ? null : dim.map(({ size }) => Number(size));

/** `budget` bounds what shortened constants may be filled up to. */
export function attributesOf(node: NodeDef, op: OpDef | undefined, budget?: Budget): Attributes {
  const seen = new Set<string>();

  function find<C extends Case>(name: string, kind: C) {
    seen.add(name);
    const found = (node.attr[name] ?? op?.attr.find((each) => each.name === name)?.defaultValue)?.value;
    if (found?.case === undefined) return undefined;
    if (found.case !== kind) {
      throw new AttributeError(`its attribute ${name} is of the kind "${found.case}", not "${kind}"`);
    }
    return found.value as unknown as ValueOf<C>;
  }

  function required<T>(name: string, value: T | undefined): T {
    if (value === undefined) throw new AttributeError(`it has no attribute ${name}`);
    return value;
  }

  return {
    int: (name, fallback) => {
      const value = find(name, "i");
      return required(name, value === undefined ? fallback : Number(value));
    },
    bigint: (name) => required(name, find(name, "i")),
    bigints: (name) => required(name, find(name, "list")).i,
    floats: (name) => required(name, find(name, "list")).f,
    bytes: (name) => required(name, find(name, "s")),
    texts: (name) => required(name, find(name, "list")).s.map((item) => decoder.decode(item)),
    float: (name, fallback) => required(name, find(name, "f") ?? fallback),
    flag: (name, fallback) => required(name, find(name, "b") ?? fallback),
    text: (name, fallback) => {
      const value = find(name, "s");
      return required(name, value === undefined ? fallback : decoder.decode(value));
    },
    ints: (name, fallback) => {
      const value = find(name, "list");
      return required(name, value === undefined ? fallback : value.i.map(Number));
    },
    dtype: (name) => dtypeOf(required(name, find(name, "type"))),
    dtypes: (name) => required(name, find(name, "list")).type.map(dtypeOf),
    tensor: (name) =>
      decodeTensorProto(toBinary(TensorProtoSchema, required(name, find(name, "tensor"))), undefined, budget),
    shape: (name) => shapeOf(required(name, find(name, "shape"))),
    shapes: (name) => required(name, find(name, "list")).shape.map(shapeOf),
    functions: (name) => {
      const one = node.attr[name]?.value.case === "func" ? find(name, "func") : undefined;
      return one ? [one.name] : (find(name, "list")?.func ?? []).map((each) => each.name);
    },
    unread: () =>
      Object.entries(node.attr)
        .filter(([name, { value }]) => !name.startsWith("_") && !NOTES.has(name) && value.case !== "type")
        .filter(([name, attr]) => !seen.has(name) && !ofItsOwn(op).has(name) && !equalsDefault(attr, op, name))
        .map(([name]) => name),
  };
}
