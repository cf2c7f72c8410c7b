import type { Batching } from "./batching-file.js";
import type { GivenFlags } from "./flags.js";

type Options = Readonly<Record<string, unknown>>;

/** What is said of every model, or of every model of one platform. What is absent leaves a model's own value. */
export type ModelSettings = {
  readonly warmup?: false | ({ readonly type: "tensorflow" } & Options) | undefined;
  readonly batching?: Batching | undefined;
  /** Options of the servable type of this name. Options of its engines are put over the model's one by one. */
  readonly savedmodel: Options;
};

/** @param batching what the flags about batching come to */
export function settingsOfFlags(flags: GivenFlags, batching: Batching | undefined): ModelSettings {
  const both = flags.tensorflow_session_parallelism || undefined;
  return {
    warmup: warmupOf(flags.enable_model_warmup, flags.num_request_iterations_for_warmup),
    batching,
    savedmodel: sessionOptions({
      tags: flags.saved_model_tags?.split(",").filter((tag) => tag !== ""),
      intraOpThreads: flags.tensorflow_intra_op_parallelism || both,
      interOpThreads: flags.tensorflow_inter_op_parallelism || both,
      gpuMemoryFraction: flags.per_process_gpu_memory_fraction,
    }),
  };
}

/** Off, or as often and by as many as is said; nothing where all is as it is by default. */
export function warmupOf(enabled: boolean | undefined, iterations = 0, threads = 0): ModelSettings["warmup"] {
  if (enabled === false) return false;
  if (iterations <= 0 && threads <= 0) return undefined;
  return { type: "tensorflow", ...(iterations > 0 && { iterations }), ...(threads > 0 && { threads }) };
}

type Session = {
  readonly tags?: readonly string[] | undefined;
  /** 0 leaves the default, as for the next two. */
  readonly intraOpThreads?: number | undefined;
  readonly interOpThreads?: number | undefined;
  readonly gpuMemoryFraction?: number | undefined;
};

export function sessionOptions({ tags, intraOpThreads, interOpThreads, gpuMemoryFraction }: Session): Options {
  const threads = { ...(intraOpThreads && { intraOpThreads }), ...(interOpThreads && { interOpThreads }) };
  const memory = gpuMemoryFraction ? { gpuMemoryFraction } : {};
  return {
    ...(tags && tags.length > 0 && { tags }),
    ...engine("onnxruntime", threads),
    ...engine("libtensorflow", { ...threads, ...memory }),
  };
}

const engine = (name: string, options: Options): Options =>
  Object.keys(options).length === 0 ? {} : { [name]: options };
