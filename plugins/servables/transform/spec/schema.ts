import { z } from "zod";
import { columnDTypes } from "../column.js";

const name = () => z.string().min(1);
const names = () => z.union([name(), z.array(name()).min(1)], { error: "expected a name, or a list of names" });

const input = z.strictObject({
  dtype: z.enum(columnDTypes).describe("What the column holds."),
  shape: z
    .array(z.int().min(-1))
    .min(1)
    .refine(([rows]) => rows === -1, { error: "expected -1 first, for the rows: [-1] or [-1, 8]" })
    .default([-1])
    .describe("-1 for the rows, then what one row holds; -1 again where the caller decides."),
});

/** A transform file, before its steps are looked at: what a step may say depends on its op. */
export const fileSchema = z.strictObject({
  description: z.string().optional().describe("For people."),
  inputs: z.record(name(), input).describe("Columns that a request has."),
  steps: z.array(z.unknown()).default([]).describe("What is made of them, in any order."),
  outputs: z.array(name()).min(1).describe("The columns that an answer has."),
});

/** What every step says. */
export const stepShape = {
  op: z.string().describe("What the step does."),
  from: names().describe("The column or columns it takes."),
  to: names().describe("The name or names of what it gives."),
};
