import { z } from "zod";

export const options = z.strictObject({
  file: z
    .string()
    .min(1)
    .optional()
    .describe("The table's file in the version's folder; by default found by its name."),
  variable: z
    .string()
    .min(1)
    .optional()
    .describe("Which tensor of a file with several: an array, a tensor, a variable or an initializer, by its name."),
  memory: z
    .enum(["map", "copy"])
    .default("map")
    .describe("map leaves the table in its file, shared with other processes, where that can be; copy reads it."),
  unknown: z
    .enum(["error", "zero", "default"])
    .default("error")
    .describe("What ids and keys that the table lacks get: an error, zeros, or the vector in `default`."),
  default: z
    .union([z.array(z.number()).min(1), z.int().nonnegative(), z.string().min(1)])
    .optional()
    .describe("The vector for `unknown: default`: its numbers, the number of a row, or a .npy file in the folder."),
  padding: z.int().default(-1).describe("The id that means nothing at all in the bags of a padded input."),
  scale: z.number().positive().optional().describe("What int8 numbers are multiplied by, where there is no scale.npy."),
  check: z
    .enum(["auto", "always", "never"])
    .default("auto")
    .describe("Whether a table with NaN or infinity is looked for at load, and refused; auto: up to 1 GiB."),
  metric: z.enum(["cosine", "dot", "l2"]).default("cosine").describe("What `nearest` goes by."),
  index: z
    .enum(["auto", "exact", "hnsw"])
    .default("auto")
    .describe("How `nearest` searches: every row, or a graph of them; auto: the graph above 100,000 rows, once built."),
  connectivity: z.int().min(2).max(256).default(32).describe("Neighbours that each row has in the graph."),
  expansion: z.int().min(1).max(4096).default(128).describe("Candidates of each search in the graph: recall for time."),
  keepIndex: z
    .boolean()
    .default(false)
    .describe("Whether a graph that was built is stored beside the table, and taken from there at the next load."),
  mostNeighbours: z.int().min(1).default(1000).describe("The largest k that a request may ask for."),
  threads: z
    .int()
    .min(1)
    .max(64)
    .optional()
    .describe("Threads for large requests, started at the first one; by default the cores, 4 at most."),
});

export type EmbeddingOptions = z.infer<typeof options>;
