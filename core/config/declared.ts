import { z } from "zod";
import { type SourceFactory, source } from "../plugin.js";
import type { ConfigPath, ConfigProblem } from "./config-error.js";
import type { ParsedModel } from "./schema.js";

/**
 * The source of models that are wholly in the config. The first declaration of a name is its version 1, and each that
 * differs, while the server runs, the next: it is loaded and checked beside the one before, as any version is.
 */
export function declaredSource(): SourceFactory {
  const declared = new Map<string, bigint>();
  return source({
    type: "declared",
    description: "The config itself.",
    options: z.unknown(),
    example: {},
    create: ({ id, baseDir }) => {
      const version = (declared.get(id) ?? 0n) + 1n;
      declared.set(id, version);
      return {
        watch: async function* (signal) {
          yield { model: id, versions: [{ version, uri: `config: ${id}`, open: async () => baseDir }] };
          await new Promise((resolve) => {
            signal.addEventListener("abort", resolve, { once: true });
            if (signal.aborted) resolve(undefined);
          });
        },
        [Symbol.asyncDispose]: async () => {},
      };
    },
  });
}

const reasons = {
  path: "it has no files: all of it is in the config",
  source: "it has no files: all of it is in the config",
  batching: "requests are grouped for the models that it calls",
  warmup: "the models that it calls have warmed up before it is available",
  group: "it goes by the versions of the models that it calls",
} as const;

/** What a declared model cannot have. */
export function checkDeclared(model: ParsedModel, type: string, path: ConfigPath): readonly ConfigProblem[] {
  return Object.entries(reasons).flatMap(([key, reason]) => {
    const value = model[key as keyof typeof reasons];
    if (value === undefined || value === false) return [];
    return [{ path: [...path, key], message: `a ${type} takes no "${key}": ${reason}`, atKey: true }];
  });
}
