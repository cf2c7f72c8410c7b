import { z } from "zod";
import { type ColumnType, describeType, floatOf, floats, isNumeric, numbersOf } from "../column.js";
import { expectColumns } from "./expect.js";
import { type AnyOp, defineOp, refuse } from "./op.js";

type Operator = { readonly of: (a: number, b: number) => number; readonly about: string };

const operators: Readonly<Record<string, Operator>> = {
  add: { of: (a, b) => a + b, about: "The sum of two columns, or of one and a constant." },
  subtract: { of: (a, b) => a - b, about: "The first column less the second, or less a constant." },
  multiply: { of: (a, b) => a * b, about: "The product of two columns, or of one and a constant." },
  divide: {
    of: (a, b) => a / b,
    about: "The first column by the second, or by a constant; as floats divide, 1 / 0 is Infinity.",
  },
};

/** Which items of a column stand beside those of the result: its own, or one a row beside a list. */
const stride = (own: number, width: number) => (own === width ? 1 : width);

function resultRow([a, b]: readonly ColumnType[]): readonly number[] {
  if (!b || b.row.length === 0) return a!.row;
  if (a!.row.length === 0) return b.row;
  const same = a!.row.length === b.row.length && a!.row.every((size, i) => size === b.row[i]! && size >= 0);
  return same ? a!.row : refuse(`${describeType(a!)} and ${describeType(b)} have different shapes`);
}

/** Arithmetic between columns, or a column and a constant. A column of one value a row goes with lists. */
export const arithmeticOps: readonly AnyOp[] = Object.entries(operators).map(([name, { of, about }]) =>
  defineOp({
    name,
    about,
    takes: "numbers, 1 or 2",
    gives: "float",
    options: z.strictObject({ by: z.number().optional().describe("The constant, where from is one column.") }),
    open: (inputs, { by }) => {
      expectColumns(inputs, 1, 2);
      const odd = inputs.find((type) => !isNumeric(type));
      if (odd) refuse(`expected numbers, got ${describeType(odd)}`);
      if (inputs.length === 1 && by === undefined) refuse("expected two columns, or by: a constant");
      if (inputs.length === 2 && by !== undefined) refuse("there are two columns already", "by");
      const dtype = inputs.some((type) => type.dtype === "float64") ? "float64" : floatOf(inputs[0]!);
      return {
        types: [{ dtype, row: resultRow(inputs) }],
        run: ([first, second], rows) => {
          const a = numbersOf(first);
          const b = second ? numbersOf(second) : Float64Array.of(by!);
          const length = second ? Math.max(a.length, b.length) : a.length;
          const width = rows === 0 ? 1 : length / rows;
          const row = second && second.row.length > first!.row.length ? second.row : first!.row;
          const [every, other] = [stride(a.length / rows, width), second ? stride(b.length / rows, width) : length];
          const values = floats(dtype, length);
          for (let i = 0; i < length; i++) {
            values[i] = of(a[every === 1 ? i : Math.floor(i / every)]!, b[other === 1 ? i : Math.floor(i / other)]!);
          }
          return [{ dtype, row, values }];
        },
      };
    },
  }),
);
