import { z } from "zod";
import { floatOf, floats, numbersOf } from "../column.js";
import { oneNumeric } from "./expect.js";
import { type AnyOp, defineOp, refuse } from "./op.js";

const functions: Readonly<Record<string, { readonly of: (x: number) => number; readonly about: string }>> = {
  log: { of: Math.log, about: "The natural logarithm; NaN below 0." },
  log1p: { of: Math.log1p, about: "log(1 + x), for counts from 0." },
  exp: { of: Math.exp, about: "e to the power of x." },
  sqrt: { of: Math.sqrt, about: "The square root; NaN below 0." },
  abs: { of: Math.abs, about: "The distance from 0." },
};

/** Functions of one number. */
export const mathOps: readonly AnyOp[] = Object.entries(functions).map(([name, { of, about }]) =>
  defineOp({
    name,
    about,
    takes: "numbers",
    gives: "float",
    options: z.strictObject({}),
    open: (inputs) => {
      const type = oneNumeric(inputs);
      const dtype = floatOf(type);
      return {
        types: [{ dtype, row: type.row }],
        run: ([column]) => {
          const from = numbersOf(column);
          const values = floats(dtype, from.length);
          for (let i = 0; i < from.length; i++) values[i] = of(from[i]!);
          return [{ dtype, row: column!.row, values }];
        },
      };
    },
  }),
);

export const clipOp = defineOp({
  name: "clip",
  about: "Values below min become min, values above max become max; NaN stays.",
  takes: "numbers",
  gives: "float",
  options: z.strictObject({
    min: z.number().optional().describe("The least value."),
    max: z.number().optional().describe("The greatest value."),
  }),
  open: (inputs, { min = Number.NEGATIVE_INFINITY, max = Number.POSITIVE_INFINITY }) => {
    const type = oneNumeric(inputs);
    if (min === Number.NEGATIVE_INFINITY && max === Number.POSITIVE_INFINITY) refuse("expected min, max or both", "op");
    if (min > max) refuse(`${max} is below min, ${min}`, "max");
    const dtype = floatOf(type);
    return {
      types: [{ dtype, row: type.row }],
      run: ([column]) => {
        const from = numbersOf(column);
        const values = floats(dtype, from.length);
        for (let i = 0; i < from.length; i++) values[i] = Math.min(max, Math.max(min, from[i]!));
        return [{ dtype, row: column!.row, values }];
      },
    };
  },
});
