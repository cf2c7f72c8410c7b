import { create } from "@bufbuild/protobuf";
import fc from "fast-check";
import { type DType, dtypes, layouts, type Tensor, tensor } from "../../../core/index.js";
import { type TensorProto, TensorProtoSchema } from "../../../protos/gen/tensorflow/core/framework/tensor_pb.js";
import { dataTypeOf } from "../../../protos/tensor/dtype.js";

const shapes = fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 4 });

const item: Readonly<Record<DType, fc.Arbitrary<number | bigint | Uint8Array>>> = {
  float32: fc.float(),
  float64: fc.double(),
  complex64: fc.float(),
  complex128: fc.double(),
  int8: fc.integer({ min: -128, max: 127 }),
  qint8: fc.integer({ min: -128, max: 127 }),
  int16: fc.integer({ min: -32768, max: 32767 }),
  qint16: fc.integer({ min: -32768, max: 32767 }),
  int32: fc.integer(),
  qint32: fc.integer(),
  // Of every length, as varints go.
  int64: fc
    .tuple(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), fc.bigInt({ min: 0n, max: 63n }))
    .map(([value, shift]) => value >> shift),
  uint8: fc.integer({ min: 0, max: 255 }),
  quint8: fc.integer({ min: 0, max: 255 }),
  float8e5m2: fc.integer({ min: 0, max: 255 }),
  float8e4m3fn: fc.integer({ min: 0, max: 255 }),
  float8e5m2fnuz: fc.integer({ min: 0, max: 255 }),
  float8e4m3fnuz: fc.integer({ min: 0, max: 255 }),
  uint16: fc.integer({ min: 0, max: 65535 }),
  quint16: fc.integer({ min: 0, max: 65535 }),
  float16: fc.integer({ min: 0, max: 65535 }),
  bfloat16: fc.integer({ min: 0, max: 65535 }),
  uint32: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
  uint64: fc
    .tuple(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), fc.bigInt({ min: 0n, max: 63n }))
    .map(([value, shift]) => value >> shift),
  bool: fc.integer({ min: 0, max: 1 }),
  string: fc.uint8Array({ maxLength: 5 }),
};

/** Any list of JavaScript values as what a Tensor of `dtype` holds. */
export function dataOf(dtype: DType, values: readonly (number | bigint | Uint8Array)[]): Tensor["data"] {
  if (dtype === "string") return values as readonly Uint8Array[];
  const array = layouts[dtype].array as unknown as {
    from(values: readonly unknown[]): Exclude<Tensor["data"], readonly Uint8Array[]>;
  };
  return array.from(values);
}

export const itemsPerElement = (dtype: DType) => (dtype === "string" ? 1 : layouts[dtype].items);

export function anyTensorOf(dtype: DType): fc.Arbitrary<Tensor> {
  return shapes.chain((shape) => {
    const length = shape.reduce((product, size) => product * size, itemsPerElement(dtype));
    return fc
      .array(item[dtype], { minLength: length, maxLength: length })
      .map((values) => tensor(dtype, shape, dataOf(dtype, values) as never) as Tensor);
  });
}

export const anyTensor: fc.Arbitrary<Tensor> = fc.constantFrom(...dtypes).chain(anyTensorOf);

/** A tensor's type and shape, with a list of items that need not be as long as the shape says. */
export const anyShortened = fc.constantFrom(...dtypes).chain((dtype) =>
  fc.record({
    dtype: fc.constant(dtype),
    shape: shapes,
    values: fc
      .array(item[dtype], { maxLength: 20 })
      .map((values) => values.slice(0, values.length - (values.length % itemsPerElement(dtype)))),
  }),
);

/** `values` in the generated code's message, in the typed field; written out a second time, apart from the codec. */
export function toMessage(
  dtype: DType,
  shape: readonly number[],
  values: readonly (number | bigint | Uint8Array)[],
): TensorProto {
  const message = create(TensorProtoSchema, {
    dtype: dataTypeOf(dtype),
    tensorShape: { dim: shape.map((size) => ({ size: BigInt(size) })) },
  });
  const numbers = values as number[];
  switch (dtype) {
    case "float32":
      message.floatVal = numbers;
      break;
    case "float64":
      message.doubleVal = numbers;
      break;
    case "complex64":
      message.scomplexVal = numbers;
      break;
    case "complex128":
      message.dcomplexVal = numbers;
      break;
    case "string":
      message.stringVal = values as Uint8Array<ArrayBuffer>[];
      break;
    case "int64":
      message.int64Val = values as bigint[];
      break;
    case "uint64":
      message.uint64Val = values as bigint[];
      break;
    case "bool":
      message.boolVal = numbers.map((value) => value === 1);
      break;
    case "float16":
    case "bfloat16":
      message.halfVal = numbers;
      break;
    case "uint32":
      message.uint32Val = numbers;
      break;
    case "float8e5m2":
    case "float8e4m3fn":
    case "float8e5m2fnuz":
    case "float8e4m3fnuz":
      message.float8Val = Uint8Array.from(numbers);
      break;
    default:
      message.intVal = numbers;
  }
  return message;
}
