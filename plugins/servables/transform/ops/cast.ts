import { z } from "zod";
import {
  type Column,
  columnDTypes,
  columnOfBytes,
  describeType,
  floats,
  isFloat,
  type NumberColumn,
  numbersOf,
  textsOf,
} from "../column.js";
import { numberOf } from "../number-of.js";
import { keysOf } from "./exact.js";
import { one } from "./expect.js";
import { defineOp, type Kernel, RowError, refuse } from "./op.js";

type Target = Exclude<NumberColumn["dtype"], "bool">;

const limits = { int32: 2 ** 31, int64: 2 ** 53 } as const;

/** Toward zero. @throws RowError beyond what the dtype, or a double, holds exactly */
function whole(value: number, limit: number, row: number, dtype: Target): number {
  const cut = Math.trunc(value);
  if (cut >= -limit && cut < limit) return cut;
  throw new RowError(row, `${value} cannot be ${dtype}`);
}

function numbersAs(numbers: ArrayLike<number>, dtype: Target, width: number) {
  if (dtype === "float32" || dtype === "float64") {
    const values = floats(dtype, numbers.length);
    values.set(numbers);
    return values;
  }
  const values = dtype === "int32" ? new Int32Array(numbers.length) : new Float64Array(numbers.length);
  for (let i = 0; i < values.length; i++) values[i] = whole(numbers[i]!, limits[dtype], Math.floor(i / width), dtype);
  return values;
}

function parseTexts(column: Column, dtype: Target, width: number) {
  const texts = textsOf(column);
  const numbers = Float64Array.from(texts, (text, i) => {
    const number = numberOf(text);
    if (number === undefined) throw new RowError(Math.floor(i / width), `"${text.slice(0, 40)}" is no number`);
    return number;
  });
  return numbersAs(numbers, dtype, width);
}

const toBool: Kernel = ([column]) => [
  { dtype: "bool", row: column!.row, values: Uint8Array.from(numbersOf(column), (value) => (value === 0 ? 0 : 1)) },
];

export const castOp = defineOp({
  name: "cast",
  about: "Another dtype: floats are cut toward zero, an empty string is NaN, and bool is whether a number is not 0.",
  takes: "any column; floats and bools cannot become strings, nor strings bools",
  gives: "dtype",
  options: z.strictObject({ dtype: z.enum(columnDTypes).describe("The dtype it is to have.") }),
  open: (inputs, { dtype }) => {
    const type = one(inputs);
    const types = [{ ...(isFloat(type) ? {} : type), dtype, row: type.row }];
    if (type.dtype === dtype) return { types: [type], run: (columns) => columns };
    if (dtype === "bool")
      return type.dtype === "string" ? refuse("strings cannot become bools", "dtype") : { types, run: toBool };
    if (dtype === "string") {
      if (isFloat(type) || type.dtype === "bool") refuse(`${describeType(type)} cannot become strings`, "dtype");
      return { types, run: ([column]) => [columnOfBytes(keysOf(column!), column!.row)] };
    }
    const kept = type.dtype === "int32" && dtype === "int64";
    return {
      types,
      run: ([column], rows) => {
        const given = column!;
        const width = given.dtype === "string" ? given.texts().length / rows : given.values.length / rows;
        if (given.dtype === "string") return [{ dtype, row: given.row, values: parseTexts(given, dtype, width) }];
        const values = kept ? given.values : numbersAs(numbersOf(given), dtype, width);
        return [{ dtype, row: given.row, values }];
      },
    };
  },
});
