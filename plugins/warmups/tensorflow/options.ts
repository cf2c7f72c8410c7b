import { z } from "zod";

export const options = z.strictObject({
  iterations: z.int().positive().default(1).describe("How often each recorded request is run."),
  threads: z.int().positive().default(1).describe("Requests under way at once."),
  maxRecords: z.int().positive().default(1000).describe("Recorded requests a file may have; more fail the load."),
});

export type TensorFlowWarmupOptions = z.infer<typeof options>;
