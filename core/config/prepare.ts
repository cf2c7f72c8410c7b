import { messageOf } from "../errors.js";
import type { Host } from "../host.js";
import type { AnyFactory, Plugin } from "../plugin.js";
import { ConfigError, type ConfigPath, type ConfigProblem } from "./config-error.js";
import { declaredSource } from "./declared.js";
import type { LoadedConfig } from "./load-config.js";
import { loadPlugins } from "./load-plugins.js";
import { createRegistry, type Registry } from "./registry.js";
import { type ResolvedConfig, type ResolvedModel, resolveConfig } from "./resolve.js";
import type { Config } from "./schema.js";

export type PreparedConfig = {
  readonly config: ResolvedConfig;
  readonly registry: Registry;
  /** Asks the factories to look at their options; starts nothing. @throws ConfigError */
  check(hostFor: (id: string) => Host): Promise<void>;
  /**
   * Other models in place of this config's, after the same checks.
   * @param from where they were read, for the positions of problems
   * @throws ConfigError
   */
  models(
    models: Config["models"],
    hostFor: (id: string) => Host,
    from?: ConfigOrigin,
  ): Promise<readonly ResolvedModel[]>;
};

export type ConfigOrigin = Pick<LoadedConfig, "file" | "locate">;

/** From a raw config and the built-in plugins to a config whose every part is known. @throws ConfigError */
export async function prepareConfig(loaded: LoadedConfig, builtins: readonly Plugin[]): Promise<PreparedConfig> {
  const fail = (problems: readonly ConfigProblem[]) => new ConfigError(problems, loaded.file, loaded.locate);
  if (typeof loaded.raw !== "object" || loaded.raw === null || Array.isArray(loaded.raw)) {
    throw fail([{ path: [], message: "a config is an object with at least the key models" }]);
  }
  const wanted = (loaded.raw as { plugins?: unknown }).plugins;
  const { plugins, problems } = await loadPlugins(Array.isArray(wanted) ? wanted : [], loaded.baseDir);
  if (problems.length > 0) throw fail(problems);
  const registry = registryOf([...builtins, ...plugins], (message) => fail([{ path: ["plugins"], message }]));
  const declared = declaredSource();
  const resolution = resolveConfig(loaded.raw, registry, declared);
  if (!resolution.ok) throw fail(resolution.problems);
  const { config } = resolution;

  return {
    config,
    registry,
    check: async (hostFor) => {
      const found = await checkAll(
        [...config.models.flatMap(partsOf), ...config.transports.map(transportPart)],
        hostFor,
      );
      if (found.length > 0) throw fail(found);
    },
    models: async (models, hostFor, from = { file: "config", locate: () => undefined }) => {
      const other = resolveConfig({ ...(loaded.raw as object), models }, registry, declared);
      const found = other.ok ? await checkAll(other.config.models.flatMap(partsOf), hostFor) : other.problems;
      if (!other.ok || found.length > 0) throw new ConfigError(found, from.file, from.locate);
      return other.config.models;
    },
  };
}

function registryOf(plugins: readonly Plugin[], fail: (message: string) => ConfigError): Registry {
  try {
    return createRegistry(plugins);
  } catch (error) {
    throw fail(messageOf(error));
  }
}

type Part = { readonly id: string; readonly factory: AnyFactory; readonly options: unknown; readonly path: ConfigPath };

function partsOf({ name, source, servable, policy, batcher, warmups, requestLog }: ResolvedModel): readonly Part[] {
  return [source, servable, policy, batcher, ...warmups, requestLog].flatMap((part) =>
    part ? [{ id: name, ...part }] : [],
  );
}

const transportPart = (part: ResolvedConfig["transports"][number]): Part => ({ id: part.factory.type, ...part });

async function checkAll(parts: readonly Part[], hostFor: (id: string) => Host): Promise<readonly ConfigProblem[]> {
  return (await Promise.all(parts.map((part) => checkPart(part, hostFor)))).flat();
}

async function checkPart(
  { id, factory, options, path }: Part,
  hostFor: (id: string) => Host,
): Promise<ConfigProblem[]> {
  // Each factory takes the options that its own schema has yielded; the pairing is lost on the type system.
  const check = factory.check as
    | ((options: unknown, host: Host) => ReturnType<NonNullable<AnyFactory["check"]>>)
    | undefined;
  const problems = (await check?.call(factory, options, hostFor(id))) ?? [];
  return problems.map(({ option = [], message }) => ({ path: [...path, ...[option].flat()], message }));
}
