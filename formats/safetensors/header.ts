import { dataLoss, elementCount, failedPrecondition, layouts, type NumericDType } from "../../core/index.js";

/** Where a tensor's little-endian, row-major elements lie in a `.safetensors` file. */
export type SafeTensor = {
  /** undefined for a type that has no name here. */
  readonly dtype: NumericDType | undefined;
  /** As the file writes it: `F32`. */
  readonly type: string;
  readonly shape: readonly number[];
  readonly offset: number;
  readonly length: number;
};

// https://github.com/huggingface/safetensors#format
const types: Readonly<Record<string, NumericDType>> = {
  F64: "float64",
  F32: "float32",
  F16: "float16",
  BF16: "bfloat16",
  I64: "int64",
  I32: "int32",
  I16: "int16",
  I8: "int8",
  U8: "uint8",
  BOOL: "bool",
};
const LENGTH_BYTES = 8;
const LONGEST = 100_000_000;

/**
 * How long the header is, from the first 8 bytes of the file and its size.
 * @throws DATA_LOSS when the file cannot hold it
 */
export function safetensorsHeaderLength(start: Uint8Array, size: number, what: string): number {
  const length = start.length < LENGTH_BYTES ? Number.NaN : Number(Buffer.from(start).readBigUInt64LE());
  if (!(length >= 2 && length <= LONGEST && LENGTH_BYTES + length <= size)) {
    throw dataLoss(
      `${what} is no safetensors file, or was cut short: a header of ${length} bytes in a file of ${size}`,
    );
  }
  return length;
}

function entryOf(name: string, entry: unknown, base: number, size: number, what: string): SafeTensor {
  const { dtype: type, shape, data_offsets: offsets } = (entry ?? {}) as Record<string, unknown>;
  const counts = (list: unknown): list is number[] =>
    Array.isArray(list) && list.every((each) => Number.isSafeInteger(each) && each >= 0);
  if (typeof type !== "string" || !counts(shape) || !counts(offsets) || offsets.length !== 2) {
    throw dataLoss(`${what}: the entry of "${name}" is not one of a tensor: ${JSON.stringify(entry)?.slice(0, 100)}`);
  }
  const dtype = types[type];
  const [from = 0, to = 0] = offsets;
  const wanted = dtype ? elementCount(shape) * layouts[dtype].bytes : to - from;
  if (to - from !== wanted || base + to > size) {
    const place = `bytes ${from} to ${to} of ${size - base}`;
    throw dataLoss(`${what}: "${name}", ${type} [${shape}], takes ${wanted} bytes; it is said to be at ${place}`);
  }
  return { dtype, type, shape, offset: base + from, length: wanted };
}

/**
 * The tensors by name, from the JSON after the length. `size` is the file's.
 * @throws DATA_LOSS for an entry that does not agree with itself or with the file
 */
export function readSafetensorsHeader(json: Uint8Array, size: number, what: string): ReadonlyMap<string, SafeTensor> {
  let parsed: unknown;
  try {
    parsed = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(json));
  } catch (error) {
    throw dataLoss(`${what} has a header that is not JSON`, error);
  }
  if (typeof parsed !== "object" || parsed === null)
    throw failedPrecondition(`${what} has a header that lists nothing`);
  const base = LENGTH_BYTES + json.length;
  const entries = Object.entries(parsed).filter(([name]) => name !== "__metadata__");
  return new Map(entries.map(([name, entry]) => [name, entryOf(name, entry, base, size, what)] as const));
}
