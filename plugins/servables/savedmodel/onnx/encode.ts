import { failedPrecondition } from "../../../../core/index.js";
import {
  bytes,
  encodeMessage,
  type Field,
  float as floatField,
  message,
  packed64,
  string,
  varint,
  varintSize,
  writeVarint,
} from "../../../../protos/wire/writer.js";
import { type Constant, constantBytes } from "../lowering/constant.js";
import { onnxType } from "./data-types.js";
import { type Attribute, nestedGraphs, type OnnxGraph, type OnnxNode, type OnnxValue } from "./graph.js";

// Field numbers: https://github.com/onnx/onnx/blob/main/onnx/onnx.proto
const IR_VERSION = 10;
const OPSET = 21;
/** Operators that came later, and their opset: only graphs that hold one are of a version that older runtimes refuse. */
const LATER: Readonly<Record<string, number>> = { BitCast: 26, CumProd: 26 };
// One protocol buffer ends at 2 GiB.
const LARGEST = 2 ** 31 - 1;

/** Constants that lie in a file beside the model's, each at its offset there, by id. */
export type ExternalData = { readonly file: string; readonly offsets: ReadonlyMap<string, number> };

export type ModelInfo = { readonly producerVersion?: string; readonly external?: ExternalData };

/** A bytes field that its constant writes into the message itself, so that big weights lie in memory once. */
function rawData(field: number, constant: Constant): Field {
  const length = constantBytes(constant);
  return {
    size: varintSize((field << 3) | 2, 0) + varintSize(length, 0) + length,
    write: (output) => {
      writeVarint(output, (field << 3) | 2, 0);
      writeVarint(output, length, 0);
      constant.fill(output.bytes.subarray(output.pos, output.pos + length));
      output.pos += length;
    },
  };
}

const entry = (key: string, value: string) => [string(1, key), string(2, value)];

// TensorProto.DataLocation
const EXTERNAL = 1;

function tensorFields(name: string, constant: Constant, external?: ExternalData): Field[] {
  const { dtype, shape } = constant;
  const fields = [packed64(1, BigInt64Array.from(shape, BigInt)), varint(2, onnxType(dtype) ?? 0), string(8, name)];
  const offset = external?.offsets.get(constant.id);
  if (external && offset !== undefined) {
    const place = { location: external.file, offset, length: constantBytes(constant) };
    const entries = Object.entries(place).map(([key, value]) => message(13, entry(key, String(value))));
    return [...fields, ...entries, varint(14, EXTERNAL)];
  }
  if (dtype !== "string") return [...fields, rawData(9, constant)];
  const items = constant.value().data as readonly Uint8Array[];
  return [...fields, ...items.map((item) => bytes(6, item))];
}

// AttributeProto.AttributeType
const KIND = { float: 1, int: 2, string: 3, tensor: 4, graph: 5, ints: 7 } as const;

function attributeFields(name: string, value: Attribute): Field[] {
  if (typeof value === "number") return [string(1, name), varint(3, value), varint(20, KIND.int)];
  if (typeof value === "string") return [string(1, name), string(4, value), varint(20, KIND.string)];
  if ("float" in value) return [string(1, name), floatField(2, value.float), varint(20, KIND.float)];
  if ("tensor" in value) {
    return [string(1, name), message(5, tensorFields("", value.tensor)), varint(20, KIND.tensor)];
  }
  if ("graph" in value) {
    return [string(1, name), message(6, graphFields(name, value.graph)), varint(20, KIND.graph)];
  }
  return [string(1, name), ...value.map((item) => varint(8, item)), varint(20, KIND.ints)];
}

const nodeFields = ({ op, name, inputs, outputs, attributes }: OnnxNode): Field[] => [
  ...inputs.map((input) => string(1, input)),
  ...outputs.map((output) => string(2, output)),
  string(3, name),
  string(4, op),
  ...Object.entries(attributes).map(([key, value]) => message(5, attributeFields(key, value))),
];

/** Values of the outermost graph have no shapes: any rank goes in, as TensorFlow has it. */
function valueFields({ name, dtype, shape }: OnnxValue): Field[] {
  const type = [varint(1, onnxType(dtype) ?? 0)];
  const dims = shape?.map((size) => message(1, size < 0 ? [] : [varint(1, size)]));
  return [string(1, name), message(2, [message(1, dims ? [...type, message(2, dims)] : type)])];
}

function graphFields(
  name: string,
  { nodes, initializers, inputs, outputs }: OnnxGraph,
  external?: ExternalData,
): Field[] {
  return [
    ...nodes.map((node) => message(1, nodeFields(node))),
    string(2, name),
    ...initializers.map(({ name, constant }) => message(5, tensorFields(name, constant, external))),
    ...inputs.map((value) => message(11, valueFields(value))),
    ...outputs.map((value) => message(12, valueFields(value))),
  ];
}

/** The version of ONNX's operators that the graph is written in. */
export const opsetOf = ({ nodes }: OnnxGraph): number =>
  nodes.reduce(
    (opset, node) =>
      nestedGraphs(node).reduce((most, graph) => Math.max(most, opsetOf(graph)), Math.max(opset, LATER[node.op] ?? 0)),
    OPSET,
  );

/**
 * The graph as the bytes of an ONNX ModelProto.
 * @throws FAILED_PRECONDITION when it would be larger than a protocol buffer can be
 */
export function encodeModel(graph: OnnxGraph, info: ModelInfo = {}): Uint8Array<ArrayBuffer> {
  const { producerVersion, external } = info;
  const inside = graph.initializers.filter(({ constant }) => !external?.offsets.has(constant.id));
  const weights = inside.reduce((sum, { constant }) => sum + constantBytes(constant), 0);
  if (weights > LARGEST - 2 ** 24) {
    throw failedPrecondition(
      `its constants take ${weights} bytes, and an ONNX model can hold 2 GiB; set "engine: libtensorflow"`,
    );
  }
  const model = encodeMessage([
    varint(1, IR_VERSION),
    string(2, "salver"),
    ...(producerVersion === undefined ? [] : [string(3, producerVersion)]),
    message(7, graphFields("savedmodel", graph, external)),
    message(8, [string(1, ""), varint(2, opsetOf(graph))]),
  ]);
  // Node puts small buffers into shared memory of its own, which must not be given away to another thread.
  const owned = model.byteLength === model.buffer.byteLength;
  return (owned ? model : new Uint8Array(model)) as Uint8Array<ArrayBuffer>;
}
