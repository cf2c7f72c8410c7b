import { z } from "zod";

/** In the order of preference that `auto` has; `cpu` is only taken by its name. */
export const backends = ["node-gpu", "node", "wasm", "cpu"] as const;
export type BackendName = (typeof backends)[number];

export const options = z.strictObject({
  backend: z
    .enum(["auto", ...backends])
    .default("auto")
    .describe(
      "What runs the model; `auto` is the first that is installed of tfjs-node-gpu, tfjs-node and tfjs with WASM.",
    ),
  threads: z
    .int()
    .min(1)
    .max(64)
    .default(1)
    .describe("Threads with the model, each of which runs one request at a time."),
});

export type TfjsOptions = z.infer<typeof options>;
