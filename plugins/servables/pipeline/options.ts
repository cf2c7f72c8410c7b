import { z } from "zod";
import { DEFAULT_SIGNATURE, type DType, dtypes } from "../../../core/index.js";

const dtype = z.enum(dtypes as readonly [DType, ...DType[]]);
const shape = z.array(z.number().int().min(-1));

/** A number, a text, true or false, or lists of these, as deep as the tensor has dimensions. */
const value = z.union([z.number(), z.string(), z.boolean(), z.array(z.unknown())], {
  error: "expected a number, a text, true, false, or lists of these",
});

const tensorName = z.string().regex(/^[^.]+\..+$/, { error: "expected request.<input> or <step>.<output>" });

const constant = z.strictObject({
  constant: value.describe("The value; lists are dimensions."),
  dtype: dtype.optional().describe("Its type; that of the input it is for unless said."),
});

const fill = z.strictObject({
  fill: z.union([z.number(), z.string(), z.boolean()]).describe("The value of every element."),
  rows: tensorName.describe("The tensor that it has as many rows as."),
  shape: z.array(z.number().int().nonnegative()).default([]).describe("The shape of a row."),
  dtype: dtype.optional().describe("Its type; that of the input it is for unless said."),
});

const step = z.strictObject({
  model: z.string().min(1).describe("The model that it calls."),
  version: z
    .union([z.number().int().nonnegative(), z.string().regex(/^\d+$/)], { error: "expected a version number" })
    .transform((number) => BigInt(number))
    .optional()
    .describe("The version that it calls; the latest when neither this nor label is given."),
  label: z.string().min(1).optional().describe("The label of the version that it calls."),
  signature: z.string().min(1).default(DEFAULT_SIGNATURE).describe("The signature that it calls."),
  inputs: z
    .record(
      z.string(),
      z.union([tensorName, constant], { error: "expected request.<input>, <step>.<output> or { constant: … }" }),
    )
    .default({})
    .describe("What goes into each input: request.<input>, <step>.<output> or { constant: … }."),
  default: z
    .record(z.string(), z.union([constant, fill], { error: "expected { constant: … } or { fill: …, rows: … }" }))
    .optional()
    .describe("Makes the step optional: its outputs where its model cannot be reached, or fails."),
});

const input = z.strictObject({
  dtype: dtype.describe("The type of its elements."),
  shape: shape.nullable().default(null).describe("Its sizes, -1 where any goes; null: any shape."),
});

export const options = z.strictObject({
  inputs: z
    .record(z.string(), input)
    .optional()
    .describe("The inputs of a request with their types; by default what the steps need."),
  steps: z
    .record(z.string().regex(/^[^.\s]+$/, { error: "a step's name has no dot and no space" }), step)
    .describe("The steps by name: what each calls, and with what."),
  outputs: z.record(z.string(), tensorName).describe("What a request is answered with: <step>.<output> each."),
});

export type PipelineOptions = z.infer<typeof options>;
export type StepOptions = PipelineOptions["steps"][string];
export type Constant = z.infer<typeof constant>;
export type Fill = z.infer<typeof fill>;
