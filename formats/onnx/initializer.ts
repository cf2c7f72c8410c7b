import { type DType, dataLoss, elementCount, failedPrecondition } from "../../core/index.js";
import {
  createReader,
  type Reader,
  readBytes,
  readInt32,
  readMessage,
  readSafeInt64,
  readString,
} from "../../protos/wire/reader.js";
import { readFields, TENSOR } from "./fields.js";
import { readProperty } from "./read-model.js";

/** Where an initializer's little-endian elements are: in the model, or in a file beside it. */
export type InitializerData =
  | { readonly bytes: Uint8Array }
  | { readonly file: string; readonly offset: number; readonly length: number | undefined };

export type Initializer = {
  readonly name: string;
  /** undefined for a type that has no name here. */
  readonly dtype: DType | undefined;
  /** The number of its type in ONNX, for messages. */
  readonly type: number;
  readonly shape: readonly number[];
  /** @throws FAILED_PRECONDITION for elements kept in a field that this reader does not know */
  data(): InitializerData;
};

// TensorProto.DataType
const types: Readonly<Record<number, DType>> = {
  1: "float32",
  2: "uint8",
  3: "int8",
  4: "uint16",
  5: "int16",
  6: "int32",
  7: "int64",
  10: "float16",
  11: "float64",
  16: "bfloat16",
};

function readDims(packed: Uint8Array, shape: number[]): void {
  const reader = createReader(packed);
  while (reader.pos < reader.end) shape.push(readSafeInt64(reader));
}

/** int8 and the 16-bit floats may lie as numbers of 32 bits. */
function narrowed(packed: Uint8Array, dtype: DType | undefined): Uint8Array | undefined {
  const reader = createReader(packed);
  const numbers: number[] = [];
  while (reader.pos < reader.end) numbers.push(readInt32(reader));
  if (dtype === "int8") return new Uint8Array(Int8Array.from(numbers).buffer);
  if (dtype === "float16" || dtype === "bfloat16") return new Uint8Array(Uint16Array.from(numbers).buffer);
  return undefined;
}

function externalOf(name: string, entries: ReadonlyMap<string, string>): InitializerData {
  const file = entries.get("location");
  const offset = Number(entries.get("offset") ?? 0);
  const said = entries.get("length");
  const length = said === undefined ? undefined : Number(said);
  const sizes = length === undefined ? [offset] : [offset, length];
  if (!file || sizes.some((size) => !Number.isSafeInteger(size) || size < 0)) {
    throw dataLoss(
      `initializer "${name}" has external data without a place: ${JSON.stringify(Object.fromEntries(entries))}`,
    );
  }
  return { file, offset, length };
}

/** @throws INVALID_ARGUMENT for a broken message; DATA_LOSS for a shape that cannot be */
export function readInitializer(tensor: Reader): Initializer {
  const shape: number[] = [];
  const external = new Map<string, string>();
  const fields = new Map<number, Uint8Array>();
  let [name, type] = ["", 0];
  const keep = (tag: number) => [tag, () => fields.set(tag, readBytes(tensor))] as const;
  readFields(tensor, {
    [TENSOR.dim]: () => shape.push(readSafeInt64(tensor)),
    [TENSOR.dims]: () => readDims(readBytes(tensor), shape),
    [TENSOR.type]: () => {
      type = readInt32(tensor);
    },
    [TENSOR.name]: () => {
      name = readString(tensor);
    },
    [TENSOR.external]: () => external.set(...readProperty(readMessage(tensor))),
    ...Object.fromEntries([TENSOR.raw, TENSOR.floats, TENSOR.doubles, TENSOR.int32s].map(keep)),
  });
  if (shape.some((size) => !(size >= 0)) || !Number.isSafeInteger(elementCount(shape))) {
    throw dataLoss(`initializer "${name}" declares the shape [${shape}]`);
  }
  const dtype = types[type];
  const data = (): InitializerData => {
    if (external.size > 0) return externalOf(name, external);
    const int32s = fields.get(TENSOR.int32s);
    const own = dtype === "float32" ? TENSOR.floats : dtype === "float64" ? TENSOR.doubles : undefined;
    const bytes = fields.get(TENSOR.raw) ?? (own && fields.get(own)) ?? (int32s && narrowed(int32s, dtype));
    if (bytes) return { bytes };
    throw failedPrecondition(`initializer "${name}" keeps its elements in a way that is not read here`);
  };
  return { name, dtype, type, shape, data };
}
