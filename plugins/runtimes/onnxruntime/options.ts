import { z } from "zod";

const providers = ["cpu", "cuda", "webgpu"] as const;
export type Provider = (typeof providers)[number];

// More would be a slip of the pen, and starting so many threads hangs the process.
const MOST_THREADS = 1024;

/** The fields that a servable on ONNX Runtime offers its user, for a strict object of its own. */
export const ortOptions = {
  engine: z
    .enum(["auto", "ffi", "binding"])
    .default("auto")
    .describe("How the library is called: ffi (concurrent, cancellable), binding (onnxruntime-node's API), or auto."),
  intraOpThreads: z
    .int()
    .min(0)
    .max(MOST_THREADS)
    .default(1)
    .describe("Threads that share one operator; 1 is best under concurrent requests, 0 means one a core."),
  interOpThreads: z
    .int()
    .min(0)
    .max(MOST_THREADS)
    .default(1)
    .describe("Operators that run side by side in one request; above 1 only graphs with parallel branches gain."),
  graphOptimization: z
    .enum(["none", "basic", "extended", "all"])
    .default("all")
    .describe("How far the graph is rewritten at load."),
  executionProviders: z
    .array(z.enum(providers))
    .min(1)
    .default(["cpu"])
    .describe("Where to run, in order of preference; the first that can be had is taken, and the log says which."),
  dispatch: z
    .enum(["auto", "inline", "async"])
    .default("auto")
    .describe("ffi only: run on the event loop (inline), on other threads (async), or inline when known to be tiny."),
};

export const OrtOptions = z.strictObject(ortOptions);
export type OrtSessionOptions = z.infer<typeof OrtOptions>;

/** What an empty object of options means. */
export const defaultOrtOptions: OrtSessionOptions = OrtOptions.parse({});
