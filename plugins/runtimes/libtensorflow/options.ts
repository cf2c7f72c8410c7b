import { z } from "zod";

// More would be a slip of the pen, and starting so many threads hangs the process.
const MOST_THREADS = 1024;

/** Fields of every component whose model runs on libtensorflow; put them into its own strict object. */
export const libtensorflowOptions = {
  tags: z
    .array(z.string().min(1))
    .min(1)
    .optional()
    .describe("Tags of the meta graph to load from the SavedModel; default: serve."),
  intraOpThreads: z
    .int()
    .min(1)
    .max(MOST_THREADS)
    .optional()
    .describe("Threads inside one TensorFlow operation; the first session of the process decides for all."),
  interOpThreads: z
    .int()
    .min(1)
    .max(MOST_THREADS)
    .optional()
    .describe("Threads that run operations beside each other; gives the model a pool of its own."),
  gpuMemoryFraction: z
    .number()
    .gt(0)
    .max(1)
    .optional()
    .describe("Share of each GPU's memory that TensorFlow may take; the first session of the process decides for all."),
  gpuAllowGrowth: z.boolean().optional().describe("Takes GPU memory as it is needed instead of all at the start."),
} as const;

const schema = z.strictObject(libtensorflowOptions);

/** How a SavedModel is opened; every field may be left out. */
export type TfSessionOptions = z.infer<typeof schema>;
