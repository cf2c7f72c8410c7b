import type { Config } from "../../core/index.js";
import type { Batching } from "./batching-file.js";
import type { GivenFlags } from "./flags.js";

type Models = Config["models"];
type Model = Models[string];
type Options = Readonly<Record<string, unknown>>;
type Component = { readonly type: string } & Options;

/** Puts the flags that concern every model into each, also into models that come with a later reload. */
export function completeModels(models: Models, flags: GivenFlags, batching?: Batching): Models {
  return Object.fromEntries(
    Object.entries(models).map(([name, model]) => [name, completeModel(model, flags, batching)]),
  );
}

function completeModel({ path, source, servable, ...rest }: Model, flags: GivenFlags, batching?: Batching): Model {
  const from = path === undefined ? normal(source) : { type: "filesystem", path };
  const as = normal(servable);
  return {
    ...rest,
    ...warmupOf(flags),
    ...(batching !== undefined && { batching }),
    ...(from && { source: from.type === "filesystem" ? { ...from, ...folderOptions(flags) } : from }),
    ...(as && { servable: as.type === "savedmodel" ? withSessionOptions(as, flags) : as }),
  };
}

const normal = (component: Model["source"]): Component | undefined =>
  typeof component === "string" ? { type: component } : (component as Component | undefined);

function warmupOf({ enable_model_warmup: enabled, num_request_iterations_for_warmup: iterations }: GivenFlags) {
  if (enabled === false) return { warmup: false as const };
  return iterations && iterations > 0 ? { warmup: { type: "tensorflow", iterations } } : {};
}

function folderOptions({ file_system_poll_wait_seconds: seconds }: GivenFlags): Options {
  // Given by a flag, a folder is waited for as TensorFlow Serving waits.
  return seconds === undefined ? {} : { poll: `${Math.max(0, seconds)}s`, wait: true };
}

function withSessionOptions(savedmodel: Component, flags: GivenFlags): Component {
  const both = flags.tensorflow_session_parallelism || undefined;
  const intraOpThreads = flags.tensorflow_intra_op_parallelism || both;
  const interOpThreads = flags.tensorflow_inter_op_parallelism || both;
  const gpuMemoryFraction = flags.per_process_gpu_memory_fraction || undefined;
  const threads = { ...(intraOpThreads && { intraOpThreads }), ...(interOpThreads && { interOpThreads }) };
  const tags = flags.saved_model_tags?.split(",").filter((tag) => tag !== "");
  return {
    ...savedmodel,
    ...(tags && tags.length > 0 && { tags }),
    ...merged(savedmodel, "onnxruntime", threads),
    ...merged(savedmodel, "libtensorflow", { ...threads, ...(gpuMemoryFraction && { gpuMemoryFraction }) }),
  };
}

function merged(component: Component, key: string, options: Options): Options {
  return Object.keys(options).length === 0 ? {} : { [key]: { ...(component[key] as Options | undefined), ...options } };
}
