import { z } from "zod";

export const options = z.strictObject({
  file: z.string().min(1).default("transform.yaml").describe("Name of the transform file in a version's folder."),
});

export type TransformOptions = z.infer<typeof options>;
