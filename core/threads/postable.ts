import type { ConfigProblem } from "../config/config-error.js";
import type { ResolvedModel } from "../config/resolve.js";
import type { ThreadModel } from "./calls.js";

/** A config without its models, which the threads are told of as they change. */
export const withoutModels = (raw: unknown) => ({ ...(raw as object), models: {} });

function problemOf(value: unknown, path: ConfigProblem["path"], advice: string): readonly ConfigProblem[] {
  try {
    structuredClone(value);
    return [];
  } catch {
    return [{ path, message: `cannot be given to other threads, which "ioThreads" above 1 takes: ${advice}` }];
  }
}

const asData = "write it as plain data, without functions and objects of classes";

/** What in a config has no copy in another thread. */
export function unpostable(raw: unknown): readonly ConfigProblem[] {
  const { plugins = [], ...rest } = withoutModels(raw) as { readonly plugins?: readonly unknown[] };
  return [
    ...plugins.flatMap((plugin, i) => problemOf(plugin, ["plugins", i], "name the plugin by its path or package")),
    ...Object.entries(rest).flatMap(([key, value]) => problemOf(value, [key], asData)),
  ];
}

/** What of the models' has no copy in another thread. */
export function unpostableModels(models: readonly ResolvedModel[]): readonly ConfigProblem[] {
  return models.flatMap(({ batcher }) => (batcher ? problemOf(batcher.options, batcher.path, asData) : []));
}

/** Why a server cannot have I/O threads. */
export function threadProblems(
  raw: unknown,
  models: readonly ResolvedModel[],
  parts: unknown,
): readonly ConfigProblem[] {
  const missing = (message: string) => [{ path: ["ioThreads"], message }];
  if (process.platform === "win32") return missing("Windows cannot hand connections to threads; set 1");
  if (parts === undefined) {
    return missing("this program has not said what its I/O threads run (`threads` of createServer's options); set 1");
  }
  return [...unpostable(raw), ...unpostableModels(models)];
}

export const threadModel = ({ name, batcher, requestLog }: ResolvedModel): ThreadModel => ({
  name,
  batching: batcher && { type: batcher.factory.type, options: batcher.options },
  samplingRate: requestLog?.samplingRate,
});
