import type { DType } from "../../core/index.js";
import { encodeMessage, type Field, message, string, varint } from "../../protos/wire/writer.js";

// TensorProto.DataType
const types = { float32: 1, int8: 3, int32: 6, int64: 7, float16: 10, bfloat16: 16 } as const satisfies Partial<
  Record<DType, number>
>;
export type ElementType = keyof typeof types;

/** `op` of ONNX's own operators; its attributes are whole numbers. */
export type PlainNode = {
  readonly op: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes?: Readonly<Record<string, number>>;
};

/** A named input or output; each dimension has a name, and any size. */
export type PlainValue = {
  readonly name: string;
  readonly dtype: ElementType;
  readonly dims: readonly string[];
};

export type PlainGraph = {
  readonly nodes: readonly PlainNode[];
  readonly inputs: readonly PlainValue[];
  readonly outputs: readonly PlainValue[];
};

const IR_VERSION = 10;
const OPSET = 21;
// AttributeProto.AttributeType
const INT = 2;

/** The value of `to` that the operator Cast has for a type. */
export const castTo = (dtype: ElementType): number => types[dtype];

function nodeFields({ op, inputs, outputs, attributes = {} }: PlainNode): Field[] {
  return [
    ...inputs.map((name) => string(1, name)),
    ...outputs.map((name) => string(2, name)),
    string(4, op),
    ...Object.entries(attributes).map(([name, value]) =>
      message(5, [string(1, name), varint(3, value), varint(20, INT)]),
    ),
  ];
}

function valueFields({ name, dtype, dims }: PlainValue): Field[] {
  const shape = dims.map((dim) => message(1, [string(2, dim)]));
  return [string(1, name), message(2, [message(1, [varint(1, types[dtype]), message(2, shape)])])];
}

/** A graph without weights as the bytes of an ONNX ModelProto. */
export function writeModel({ nodes, inputs, outputs }: PlainGraph): Uint8Array {
  const graph = [
    ...nodes.map((node) => message(1, nodeFields(node))),
    string(2, "graph"),
    ...inputs.map((value) => message(11, valueFields(value))),
    ...outputs.map((value) => message(12, valueFields(value))),
  ];
  return encodeMessage([varint(1, IR_VERSION), message(7, graph), message(8, [string(1, ""), varint(2, OPSET)])]);
}
