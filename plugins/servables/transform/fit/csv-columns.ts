import { basename } from "node:path";
import { hint, invalidArgument } from "../../../../core/index.js";
import { type Column, type ColumnType, columnOfTexts, describeType, type NumberColumn } from "../column.js";
import { numberOf } from "../number-of.js";
import type { CsvBatch } from "./csv.js";

export type CellRules = {
  /** Cells that count as empty, beside those with nothing in them. */
  readonly missing: ReadonlySet<string>;
  /** Of the data, for messages. */
  readonly file: string;
};

const BOOLS: Readonly<Record<string, number>> = { true: 1, false: 0, "1": 1, "0": 0 };

/** Makes the items of a column of cells. @throws INVALID_ARGUMENT with file, line and column of a cell that is none */
type Fill = (cells: readonly string[], fail: (index: number, expected: string) => never) => NumberColumn["values"];

const floatsOf =
  (dtype: "float32" | "float64"): Fill =>
  (cells, fail) => {
    const values = dtype === "float32" ? new Float32Array(cells.length) : new Float64Array(cells.length);
    for (let i = 0; i < cells.length; i++) values[i] = numberOf(cells[i]!) ?? fail(i, "a number");
    return values;
  };

const INTEGER = /^[+-]?\d+$/;

const fills: Readonly<Record<NumberColumn["dtype"], Fill>> = {
  float32: floatsOf("float32"),
  float64: floatsOf("float64"),
  int32: (cells, fail) =>
    Int32Array.from(cells, (cell, i) => {
      const value = INTEGER.test(cell.trim()) ? Number(cell) : Number.NaN;
      return value === (value | 0) ? value : fail(i, "a whole number of 32 bits");
    }),
  int64: (cells, fail) =>
    BigInt64Array.from(cells, (cell, i) => {
      const value = INTEGER.test(cell.trim()) ? BigInt(cell) : fail(i, "a whole number");
      return BigInt.asIntN(64, value) === value ? value : fail(i, "a whole number of 64 bits");
    }),
  bool: (cells, fail) =>
    Uint8Array.from(cells, (cell, i) => BOOLS[cell.trim().toLowerCase()] ?? fail(i, "true or false")),
};

/**
 * The column of the input `name`. Cells with nothing in them are NaN in floats and "" in strings, and refused elsewhere.
 * @throws INVALID_ARGUMENT when there is no such column, or a cell is not of its dtype
 */
export function columnOf(
  { header, records, lines }: CsvBatch,
  name: string,
  type: ColumnType,
  rules: CellRules,
): Column {
  const place = header.indexOf(name);
  const file = basename(rules.file);
  if (place < 0) throw invalidArgument(`${file}:1: there is no column "${name}"${hint(name, header)}`);
  if (type.row.length > 0) {
    throw invalidArgument(
      `the input ${name} is ${describeType(type)}: CSV has one value a row, so what follows it cannot be fitted`,
    );
  }
  const { missing } = rules;
  const cells = records.map((record) => (missing.size > 0 && missing.has(record[place]!) ? "" : record[place]!));
  if (type.dtype === "string") return columnOfTexts(cells, []);
  const fail = (index: number, expected: string): never => {
    const text = cells[index]!;
    throw invalidArgument(
      `${file}:${lines[index]}: column ${name}: expected ${expected}, got ${text === "" ? "nothing" : `"${text.slice(0, 40)}"`}`,
    );
  };
  return { dtype: type.dtype, row: [], values: fills[type.dtype](cells, fail) };
}
