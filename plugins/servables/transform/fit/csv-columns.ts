import { basename } from "node:path";
import { hint, invalidArgument } from "../../../../core/index.js";
import { type Column, type ColumnType, columnOfTexts, describeType, type NumberColumn } from "../column.js";
import { numberOf } from "../number-of.js";
import { textOf } from "../text.js";
import { decimalOf } from "./decimal.js";
import { createInterner } from "./interner.js";

export type CellRules = {
  /** Cells that count as empty, beside those with nothing in them. */
  readonly missing: ReadonlySet<string>;
  /** Of the data, for messages. */
  readonly file: string;
};

/** Collects the cells of one column. */
export interface CellReader {
  /** Which field of a record it takes. */
  readonly place: number;
  /** @throws INVALID_ARGUMENT with file, line and column for a cell that is not of its dtype */
  add(bytes: Uint8Array, start: number, end: number, line: number): void;
  /** What was added since it was last asked. */
  take(): Column;
}

type Cells = Omit<CellReader, "place">;
type Fail = (text: string, line: number, expected: string) => never;

const INTEGER = /^[+-]?\d+$/;
const BOOLS: Readonly<Record<string, number>> = { true: 1, false: 0, "1": 1, "0": 0 };

const FIRST_ROWS = 4096;

function floatCells(dtype: "float32" | "float64", missing: ReadonlySet<string>, fail: Fail): Cells {
  const array = dtype === "float32" ? Float32Array : Float64Array;
  const lengths = new Set([...missing].map((text) => Buffer.byteLength(text)));
  let values = new array(FIRST_ROWS);
  let count = 0;
  const numberAt = (bytes: Uint8Array, start: number, end: number, line: number): number => {
    if (start === end) return Number.NaN;
    if (lengths.size > 0 && lengths.has(end - start) && missing.has(textOf(bytes, start, end))) return Number.NaN;
    const plain = decimalOf(bytes, start, end);
    if (!Number.isNaN(plain)) return plain;
    const text = textOf(bytes, start, end);
    return numberOf(text) ?? fail(text, line, "a number");
  };
  return {
    add: (bytes, start, end, line) => {
      if (count === values.length) {
        const larger = new array(2 * count);
        larger.set(values);
        values = larger;
      }
      values[count++] = numberAt(bytes, start, end, line);
    },
    take: () => {
      const taken = values.slice(0, count);
      count = 0;
      return { dtype, row: [], values: taken };
    },
  };
}

function textCells(missing: ReadonlySet<string>): Cells {
  const intern = createInterner();
  let texts: string[] = [];
  return {
    add: (bytes, start, end) => {
      const text = intern(bytes, start, end);
      texts.push(missing.size > 0 && missing.has(text) ? "" : text);
    },
    take: () => {
      const taken = texts;
      texts = [];
      return columnOfTexts(taken, []);
    },
  };
}

/** Whole numbers and bools, from their texts. */
function exactCells<T>(
  of: (text: string, line: number) => T,
  columnOf: (values: readonly T[]) => NumberColumn,
  missing: ReadonlySet<string>,
): Cells {
  const intern = createInterner();
  let values: T[] = [];
  return {
    add: (bytes, start, end, line) => {
      const text = intern(bytes, start, end);
      values.push(of(missing.size > 0 && missing.has(text) ? "" : text, line));
    },
    take: () => {
      const taken = values;
      values = [];
      return columnOf(taken);
    },
  };
}

function cellsOf(dtype: ColumnType["dtype"], missing: ReadonlySet<string>, fail: Fail): Cells {
  if (dtype === "string") return textCells(missing);
  if (dtype === "float32" || dtype === "float64") return floatCells(dtype, missing, fail);
  const column = (values: NumberColumn["values"]): NumberColumn => ({ dtype, row: [], values });
  const int32 = (text: string, line: number) => {
    const value = INTEGER.test(text.trim()) ? Number(text) : Number.NaN;
    return value === (value | 0) ? value : fail(text, line, "a whole number of 32 bits");
  };
  const int64 = (text: string, line: number) => {
    const value = INTEGER.test(text.trim()) ? BigInt(text) : fail(text, line, "a whole number");
    return BigInt.asIntN(64, value) === value ? value : fail(text, line, "a whole number of 64 bits");
  };
  const bool = (text: string, line: number) => BOOLS[text.trim().toLowerCase()] ?? fail(text, line, "true or false");
  if (dtype === "int32") return exactCells(int32, (values) => column(Int32Array.from(values)), missing);
  if (dtype === "int64") return exactCells(int64, (values) => column(BigInt64Array.from(values)), missing);
  return exactCells(bool, (values) => column(Uint8Array.from(values)), missing);
}

/**
 * Reads the column of the input `name`. Cells with nothing in them are NaN in floats and "" in strings, and refused elsewhere.
 * @throws INVALID_ARGUMENT when there is no such column, or it has more than a value a row
 */
export function cellReader(
  header: readonly string[],
  name: string,
  type: ColumnType,
  { missing, file: path }: CellRules,
): CellReader {
  const place = header.indexOf(name);
  const file = basename(path);
  if (place < 0) throw invalidArgument(`${file}:1: there is no column "${name}"${hint(name, header)}`);
  if (type.row.length > 0) {
    throw invalidArgument(
      `the input ${name} is ${describeType(type)}: CSV has one value a row, so what follows it cannot be fitted`,
    );
  }
  const fail: Fail = (text, line, expected) => {
    throw invalidArgument(
      `${file}:${line}: column ${name}: expected ${expected}, got ${text === "" ? "nothing" : `"${text.slice(0, 40)}"`}`,
    );
  };
  return { place, ...cellsOf(type.dtype, missing, fail) };
}
