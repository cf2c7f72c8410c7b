import { type DType, elementCount, layouts } from "../../../core/index.js";
import { bytesOfText, textOf } from "./text.js";

/** What a column can hold. */
export const columnDTypes = ["float32", "float64", "int32", "int64", "bool", "string"] as const satisfies DType[];
export type ColumnDType = (typeof columnDTypes)[number];

/** What is known of a column before there are rows. */
export type ColumnType = {
  readonly dtype: ColumnDType;
  /** Sizes of what one row holds: `[]` for one value, `[3]` for three; -1 where the caller decides. */
  readonly row: readonly number[];
  /** Ids that lie in 0 … ids - 1: how deep a one-hot of them is. */
  readonly ids?: number;
};

/**
 * Numbers as steps make them. The dtype says as what they leave; int64 columns are held as int32 or float64 where a step
 * made them, as bigints where a caller sent them.
 */
export type Numbers = Float32Array | Float64Array | Int32Array | Uint8Array | BigInt64Array;

/** The rows of one slice, row-major. */
export type NumberColumn = {
  readonly dtype: Exclude<ColumnDType, "string">;
  readonly row: readonly number[];
  readonly values: Numbers;
  /** Of a one-hot: the place of the 1 of each `depth` values, if there is one. It is not written out until it is asked for. */
  readonly hot?: Hot;
};

export type Hot = { readonly ids: ArrayLike<number>; readonly depth: number };

/** Strings, as bytes and as texts: each form is made when it is first asked for. */
export type TextColumn = {
  readonly dtype: "string";
  readonly row: readonly number[];
  readonly bytes: () => readonly Uint8Array[];
  readonly texts: () => readonly string[];
};

export type Column = NumberColumn | TextColumn;

export function columnOfBytes(items: readonly Uint8Array[], row: readonly number[]): TextColumn {
  let decoded: readonly string[] | undefined;
  return {
    dtype: "string",
    row,
    bytes: () => items,
    texts: () => {
      decoded ??= items.map(textOf);
      return decoded;
    },
  };
}

export function columnOfTexts(items: readonly string[], row: readonly number[]): TextColumn {
  let encoded: readonly Uint8Array[] | undefined;
  return {
    dtype: "string",
    row,
    bytes: () => {
      encoded ??= items.map(bytesOfText);
      return encoded;
    },
    texts: () => items,
  };
}

/** int64 as doubles, which hold whole numbers exactly up to 2 ** 53. */
function rounded(values: BigInt64Array): Float64Array {
  const halves = new Int32Array(values.buffer, values.byteOffset, values.length * 2);
  const doubles = new Float64Array(values.length);
  for (let i = 0; i < doubles.length; i++) doubles[i] = halves[2 * i + 1]! * 2 ** 32 + (halves[2 * i]! >>> 0);
  return doubles;
}

/** The numbers of a column that was checked to have some; int64 rounds as it would on its way to a float64. */
export function numbersOf(column: Column | undefined): Exclude<Numbers, BigInt64Array> {
  const { values } = column as NumberColumn;
  return values instanceof BigInt64Array ? rounded(values) : values;
}

/** Writes numbers, in an int64 column as bigints. */
export function setterOf(values: Numbers): (index: number, value: number) => void {
  if (values instanceof BigInt64Array) {
    return (i, value) => {
      values[i] = BigInt(value);
    };
  }
  return (i, value) => {
    values[i] = value;
  };
}

/** The strings of a column that was checked to have some. */
export const textsOf = (column: Column | undefined): readonly string[] => (column as TextColumn).texts();
export const bytesOf = (column: Column | undefined): readonly Uint8Array[] => (column as TextColumn).bytes();

/** Elements that one row holds. The sizes of a column with rows are never open. */
export const widthOf = (column: { readonly row: readonly number[] }): number => elementCount(column.row);

export const isNumeric = ({ dtype }: ColumnType): boolean => dtype !== "string";
export const isInteger = ({ dtype }: ColumnType): boolean => dtype === "int32" || dtype === "int64";
export const isFloat = ({ dtype }: ColumnType): boolean => dtype === "float32" || dtype === "float64";

/** float64 stays; every other number becomes float32. */
export const floatOf = ({ dtype }: ColumnType): "float32" | "float64" => (dtype === "float64" ? "float64" : "float32");

export const floats = (dtype: "float32" | "float64", count: number): Float32Array | Float64Array =>
  dtype === "float64" ? new Float64Array(count) : new Float32Array(count);

/** `float32 [n]`, `string [n,8]`; for people. */
export const describeType = ({ dtype, row }: ColumnType): string => `${dtype} [${["n", ...row].join(",")}]`;

/** The typed array in which numbers of a dtype leave. */
export const arrayOf = (dtype: Exclude<ColumnDType, "string">, count: number) => new layouts[dtype].array(count);
