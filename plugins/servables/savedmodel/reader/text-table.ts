import { type DType, dataLoss, failedPrecondition, type Tensor, tensor } from "../../../../core/index.js";

/** What InitializeTableFromTextFile takes a column from: a column by its number, or these. */
export const WHOLE_LINE = -2;
export const LINE_NUMBER = -1;

export type TextTable = {
  readonly key: { readonly from: number; readonly dtype: DType };
  readonly value: { readonly from: number; readonly dtype: DType };
  readonly delimiter: number;
  /** How many lines count; undefined for all. */
  readonly lines: number | undefined;
  /** What is added to line numbers. */
  readonly offset: number;
};

const NEWLINE = 10;
const RETURN = 13;

/** The lines without their ends; TensorFlow leaves out carriage returns wherever they stand. */
function* linesOf(bytes: Uint8Array): Generator<Uint8Array> {
  let from = 0;
  while (from < bytes.length) {
    const found = bytes.indexOf(NEWLINE, from);
    const to = found < 0 ? bytes.length : found;
    const line = bytes.subarray(from, to);
    yield line.includes(RETURN) ? line.filter((byte) => byte !== RETURN) : line;
    from = to + 1;
  }
}

function column(line: Uint8Array, delimiter: number, index: number): Uint8Array | undefined {
  let from = 0;
  for (let i = 0; i < index; i++) {
    const found = line.indexOf(delimiter, from);
    if (found < 0) return undefined;
    from = found + 1;
  }
  const found = line.indexOf(delimiter, from);
  return line.subarray(from, found < 0 ? line.length : found);
}

/** @throws Error that says what it is not */
function integer(text: Uint8Array, dtype: DType): bigint {
  const digits = new TextDecoder().decode(text).trim();
  const value = /^[+-]?\d{1,20}$/.test(digits) ? BigInt(digits) : undefined;
  const bits = dtype === "int32" ? 32 : 64;
  if (value !== undefined && BigInt.asIntN(bits, value) === value) return value;
  throw new Error(`"${digits}" is not a valid ${dtype}`);
}

function toTensor(items: readonly (Uint8Array | number)[], dtype: DType): Tensor {
  const text = (item: Uint8Array | number) => (typeof item === "number" ? Buffer.from(String(item)) : item);
  const shape = [items.length];
  if (dtype === "string") return tensor("string", shape, items.map(text));
  const integers = () => items.map((item) => (typeof item === "number" ? BigInt(item) : integer(item, dtype)));
  if (dtype === "int64") return tensor("int64", shape, BigInt64Array.from(integers()));
  if (dtype === "int32") return tensor("int32", shape, Int32Array.from(integers(), Number));
  const number = (item: Uint8Array | number) => {
    const written = Buffer.from(text(item)).toString().trim();
    if (/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(written)) return Number(written);
    throw new Error(`"${written}" is not a valid ${dtype}`);
  };
  if (dtype === "float32") return tensor("float32", shape, Float32Array.from(items, number));
  if (dtype === "float64") return tensor("float64", shape, Float64Array.from(items, number));
  throw new Error(`a column of type ${dtype} is not carried over`);
}

/**
 * The keys and values that InitializeTableFromTextFile reads out of a file.
 * @throws DATA_LOSS, FAILED_PRECONDITION for what TensorFlow refuses, too; messages name the file and the line
 */
export function readTextTable(bytes: Uint8Array, name: string, table: TextTable): { keys: Tensor; values: Tensor } {
  const { key, value, delimiter, lines, offset } = table;
  const keys: (Uint8Array | number)[] = [];
  const values: (Uint8Array | number)[] = [];
  for (const line of linesOf(bytes)) {
    const number = keys.length;
    if (number === lines) break;
    if (line.length === 0) throw dataLoss(`${name}: line ${number + 1} is empty`);
    const take = (from: number): Uint8Array | number => {
      if (from === LINE_NUMBER) return number + offset;
      if (from === WHOLE_LINE) return line;
      const found = column(line, delimiter, from);
      if (!found) throw dataLoss(`${name}: line ${number + 1} has no column ${from + 1}`);
      return found;
    };
    keys.push(take(key.from));
    values.push(take(value.from));
  }
  if (lines !== undefined && keys.length < lines) {
    throw failedPrecondition(`${name} has ${keys.length} lines, and the model wants ${lines}`);
  }
  try {
    return { keys: toTensor(keys, key.dtype), values: toTensor(values, value.dtype) };
  } catch (error) {
    throw dataLoss(`${name}: ${(error as Error).message}`, error);
  }
}
