import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { type Tensor, type Tensors, tensor } from "salver";
import { type TensorProto, TensorProtoSchema } from "../../protos/gen/tensorflow/core/framework/tensor_pb.js";
import { PredictRequestSchema, PredictResponseSchema } from "../../protos/gen/tensorflow_serving/apis/predict_pb.js";
import { decodeTensorProto } from "../../protos/tensor/decode.js";
import { type EncodeOptions, encodeTensorProto } from "../../protos/tensor/encode.js";

const encoded = (each: Tensor, options: EncodeOptions): TensorProto =>
  fromBinary(TensorProtoSchema, encodeTensorProto(each, options));

/** A PredictRequest, serialized. */
export function predictRequest(model: string, inputs: Tensors, options: EncodeOptions = {}): Uint8Array {
  const protos = Object.entries(inputs).map(([name, each]) => [name, encoded(each, options)] as const);
  return toBinary(
    PredictRequestSchema,
    create(PredictRequestSchema, { modelSpec: { name: model }, inputs: Object.fromEntries(protos) }),
  );
}

/** The outputs of a serialized PredictResponse. */
export function predictOutputs(bytes: Uint8Array): Tensors {
  const { outputs } = fromBinary(PredictResponseSchema, bytes);
  return mapped(outputs, (proto) => decodeTensorProto(toBinary(TensorProtoSchema, proto)));
}

/** One message of a gRPC stream, not compressed. */
export function grpcFrame(message: Uint8Array): Uint8Array {
  const frame = new Uint8Array(5 + message.length);
  new DataView(frame.buffer).setUint32(1, message.length);
  frame.set(message, 5);
  return frame;
}

/** The body of a REST request in rows: the inputs' names are left out where there is only one. */
export function restBody(inputs: Tensors): string {
  const columns = Object.entries(inputs).map(([name, each]) => [name, nested(each)] as const);
  if (columns.length === 1) return JSON.stringify({ instances: columns[0]![1] });
  const rows = columns[0]![1].map((_, i) => Object.fromEntries(columns.map(([name, column]) => [name, column[i]])));
  return JSON.stringify({ instances: rows });
}

/** The outputs of a REST answer in rows; one output comes without its name. */
export function restOutputs(text: string, names: readonly string[]): Tensors {
  const { predictions } = JSON.parse(text) as { readonly predictions: readonly unknown[] };
  const columns = names.map((name) => {
    const rows = names.length === 1 ? predictions : predictions.map((row) => (row as Record<string, unknown>)[name]);
    const values = [rows].flat(Number.POSITIVE_INFINITY) as number[];
    return [name, tensor("float64", [values.length], Float64Array.from(values))] as const;
  });
  return Object.fromEntries(columns);
}

function nested({ data, shape }: Tensor): readonly unknown[] {
  const items = Array.from(data as ArrayLike<number | bigint>, (value) => shortest(Number(value)));
  return shape.reduceRight<readonly unknown[]>((list, size, axis) => (axis === 0 ? list : split(list, size)), items);
}

/** A float32 with the fewest digits that keep it, as most clients write it, and not as the double that it is in JavaScript. */
function shortest(value: number): number {
  const few = Number(value.toPrecision(7));
  return Math.fround(few) === value ? few : value;
}

const split = (list: readonly unknown[], size: number): readonly unknown[] =>
  Array.from({ length: list.length / size }, (_, i) => list.slice(i * size, (i + 1) * size));

const mapped = <T, R>(source: Readonly<Record<string, T>>, change: (value: T) => R): Record<string, R> =>
  Object.fromEntries(Object.entries(source).map(([name, value]) => [name, change(value)]));
