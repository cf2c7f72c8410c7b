import { z } from "zod";

export const options = z.strictObject({
  batchSizes: z
    .array(z.int().positive())
    .min(1)
    .default([1])
    .describe("Sizes that an open first dimension is given, one run each."),
  openSize: z.int().positive().default(1).describe("The size that every other open dimension is given."),
  fill: z.enum(["zeros", "ones"]).default("zeros").describe("The number that inputs are made of; texts are empty."),
  iterations: z.int().positive().default(1).describe("How often each made-up request is run."),
  when: z
    .enum(["no-file", "always"])
    .default("no-file")
    .describe("Whether versions that bring recorded requests along are warmed up this way too."),
});

export type SyntheticOptions = z.infer<typeof options>;
