import { z } from "zod";
import { elementCount } from "../../../../core/index.js";
import {
  bytesOf,
  type Column,
  type ColumnType,
  columnOfBytes,
  describeType,
  type Hot,
  isNumeric,
  type NumberColumn,
  type Numbers,
  numbersOf,
  widthOf,
} from "../column.js";
import { expectColumns, featuresOf, one, oneList } from "./expect.js";
import { defineOp, type Opened, refuse } from "./op.js";
import { count } from "./values.js";

const EMPTY = new Uint8Array();
const arrays = {
  float32: Float32Array,
  float64: Float64Array,
  int32: Int32Array,
  int64: Float64Array,
  bool: Uint8Array,
};

/** The dtype that holds all: their own where it is one, else a float. */
function joint(inputs: readonly ColumnType[]): ColumnType["dtype"] {
  const [first, ...rest] = inputs;
  const odd = rest.find((type) => isNumeric(type) !== isNumeric(first!));
  if (odd) refuse(`${describeType(first!)} and ${describeType(odd)} cannot be in one list; cast one of them`);
  if (rest.every(({ dtype }) => dtype === first!.dtype)) return first!.dtype;
  return inputs.some(({ dtype }) => dtype === "float64") ? "float64" : "float32";
}

/** Puts `width` items of each row of `from` behind one another into rows of `total`. */
function scatter<T>(
  from: ArrayLike<T>,
  into: { [index: number]: T },
  rows: number,
  width: number,
  total: number,
  at: number,
) {
  if (width === 1) {
    for (let row = 0, to = at; row < rows; row++, to += total) into[to] = from[row]!;
    return;
  }
  for (let row = 0, item = 0; row < rows; row++) {
    for (let i = 0, to = row * total + at; i < width; i++) into[to++] = from[item++]!;
  }
}

/** Writes the ones of a one-hot into rows of `total` zeros. */
function scatterOnes({ ids, depth }: Hot, into: { [index: number]: number }, total: number, at: number, width: number) {
  const groups = width / depth;
  for (let i = 0; i < ids.length; i++) {
    const id = ids[i]!;
    if (id < 0 || id >= depth) continue;
    const row = groups === 1 ? i : Math.floor(i / groups);
    into[row * total + at + (i - row * groups) * depth + id] = 1;
  }
}

/** All of int64, so that digits beyond a double's are kept. */
const exact = (columns: readonly Column[]) =>
  columns.every((column) => (column as NumberColumn).values instanceof BigInt64Array);

export const concatOp = defineOp({
  name: "concat",
  about: "Columns side by side in one list; numbers of different dtypes become floats.",
  takes: "1 or more columns, each one value a row or a list of a known size",
  gives: "lists",
  options: z.strictObject({}),
  open: (inputs): Opened => {
    expectColumns(inputs, 1, Number.POSITIVE_INFINITY);
    const widths = inputs.map(featuresOf);
    const total = widths.reduce((sum, width) => sum + width, 0);
    const dtype = joint(inputs);
    const run: Opened["run"] = (columns, rows) => {
      let at = 0;
      const each = <T>(into: { [index: number]: T }, itemsOf: (column: Column) => ArrayLike<T>) => {
        for (const [i, column] of columns.entries()) {
          scatter(itemsOf(column), into, rows, widths[i]!, total, at);
          at += widths[i]!;
        }
      };
      if (dtype === "string") {
        const items = new Array<Uint8Array>(rows * total).fill(EMPTY);
        each(items, bytesOf);
        return [columnOfBytes(items, [total])];
      }
      if (dtype === "int64" && exact(columns)) {
        const values = new BigInt64Array(rows * total);
        each(values, (column) => (column as NumberColumn).values as BigInt64Array);
        return [{ dtype, row: [total], values }];
      }
      const values = new arrays[dtype](rows * total);
      for (const [i, column] of columns.entries()) {
        const { hot } = column as NumberColumn;
        if (hot) scatterOnes(hot, values, total, at, widths[i]!);
        else scatter(numbersOf(column), values, rows, widths[i]!, total, at);
        at += widths[i]!;
      }
      return [{ dtype, row: [total], values }];
    };
    return { types: [{ dtype, row: [total] }], run };
  },
});

export const reshapeOp = defineOp({
  name: "reshape",
  about: "The same items in rows of another shape.",
  takes: "any column whose rows have a known size",
  gives: "the same dtype",
  options: z.strictObject({
    shape: z.array(z.int().min(1)).describe("Sizes of what one row holds, without the rows; [] for one value."),
  }),
  open: (inputs, { shape }) => {
    const type = one(inputs);
    if (type.row.some((size) => size < 0)) refuse(`expected rows of a known size, got ${describeType(type)}`);
    const [is, wanted] = [elementCount(type.row), elementCount(shape)];
    if (is !== wanted) refuse(`${describeType(type)} has ${is} items a row, not ${wanted}`, "shape");
    return { types: [{ ...type, row: shape }], run: ([column]) => [{ ...column!, row: shape }] };
  },
});

type Padding = { readonly length: number; readonly side: "end" | "start"; readonly cut: "end" | "start" };

/** Where each item of a padded row comes from; -1 where there is none. */
function sources(width: number, { length, side, cut }: Padding): Int32Array {
  const kept = Math.min(width, length);
  const first = cut === "start" ? width - kept : 0;
  const at = side === "start" ? length - kept : 0;
  return Int32Array.from({ length }, (_, i) => (i >= at && i < at + kept ? first + i - at : -1));
}

export const padOp = defineOp({
  name: "pad",
  about: "Lists of one length: what is missing is filled up, what is too much is cut off.",
  takes: "lists",
  gives: "the same dtype, [n, length]",
  options: z.strictObject({
    length: count().describe("How many items a row has."),
    value: z
      .union([z.number(), z.string()], { error: "expected a number or a string" })
      .optional()
      .describe('What fills up; 0 or "" when absent.'),
    side: z.enum(["end", "start"]).default("end").describe("Where a row is filled up."),
    cut: z.enum(["end", "start"]).default("end").describe("Where a row is cut off."),
  }),
  open: (inputs, { value, ...padding }) => {
    const type = oneList(inputs);
    const text = type.dtype === "string";
    if (value !== undefined && (typeof value === "string") !== text)
      refuse(`${describeType(type)} cannot hold ${JSON.stringify(value)}`, "value");
    const filler = text ? new TextEncoder().encode(String(value ?? "")) : Number(value ?? 0);
    const spread = <T>(from: ArrayLike<T>, into: { [index: number]: T }, rows: number, width: number, fill: T) => {
      const places = sources(width, padding);
      for (let row = 0, at = 0; row < rows; row++) {
        for (const place of places) into[at++] = place < 0 ? fill : from[row * width + place]!;
      }
    };
    const row = [padding.length];
    const { dtype, ids } = type;
    const run: Opened["run"] = ([column], rows) => {
      const [size, width] = [rows * padding.length, widthOf(column!)];
      if (column!.dtype === "string") {
        const items = new Array<Uint8Array>(size);
        spread(bytesOf(column), items, rows, width, filler as Uint8Array);
        return [columnOfBytes(items, row)];
      }
      const { values: from, dtype } = column!;
      const values = new (from.constructor as new (length: number) => Numbers)(size);
      if (from instanceof BigInt64Array) spread(from, values as BigInt64Array, rows, width, BigInt(filler as number));
      else spread(from, values as Float64Array, rows, width, filler as number);
      return [{ dtype, row, values }];
    };
    if (type.dtype !== "string" && type.dtype.startsWith("int") && !Number.isInteger(filler))
      refuse(`${describeType(type)} cannot hold ${filler}`, "value");
    return { types: [ids === undefined ? { dtype, row } : { dtype, row, ids }], run };
  },
});
