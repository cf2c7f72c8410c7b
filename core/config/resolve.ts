import type { VersionChoice } from "../lifecycle/version-choice.js";
import type { AnyFactory, FactoryKind, SourceFactory } from "../plugin.js";
import type { ConfigPath, ConfigProblem } from "./config-error.js";
import { checkDeclared, declaredSource } from "./declared.js";
import { checkGroups } from "./groups.js";
import { noFolder } from "./no-folder.js";
import { parseWith } from "./parse.js";
import type { Registry } from "./registry.js";
import { configSchema, type ParsedConfig, type ParsedModel } from "./schema.js";
import { checkUses } from "./uses.js";

/** A factory with its options, as a config refers to it. */
export type Component<K extends FactoryKind = FactoryKind> = {
  readonly factory: Extract<AnyFactory, { kind: K }>;
  readonly options: unknown;
  /** Where in the config it stands. */
  readonly path: ConfigPath;
};

export type ResolvedModel = {
  readonly name: string;
  readonly source: Component<"source">;
  /** Absent: found by looking at the files. */
  readonly servable: Component<"servable"> | undefined;
  readonly policy: Component<"policy">;
  readonly batcher: Component<"batcher"> | undefined;
  /** Run one after the other. */
  readonly warmups: readonly Component<"warmup">[];
  readonly requestLog: (Component<"request-log"> & { readonly samplingRate: number }) | undefined;
  readonly versions: VersionChoice;
  readonly labels: ReadonlyMap<string, bigint>;
  readonly group: string | undefined;
};

export type ResolvedConfig = Pick<
  ParsedConfig,
  "ioThreads" | "loading" | "limits" | "signatures" | "shutdown" | "cache" | "log"
> & {
  readonly models: readonly ResolvedModel[];
  readonly transports: readonly Component<"transport">[];
};

export type Resolution =
  | { readonly ok: true; readonly config: ResolvedConfig }
  | { readonly ok: false; readonly problems: readonly ConfigProblem[] };

/** What warms up models whose config says nothing of it, where it is installed. */
const DEFAULT_WARMUP = "tensorflow";

type Reference = string | ({ type?: string | undefined } & Record<string, unknown>);

/**
 * Checks a raw config against the schema and the installed factories. Pure; collects every problem it can see.
 * @param declared the source of models that have no files
 */
export function resolveConfig(
  raw: unknown,
  registry: Registry,
  declared: SourceFactory = declaredSource(),
): Resolution {
  const parsed = parseWith(configSchema, raw);
  if (!parsed.ok) return parsed;
  const { plugins: _, models, transports, ...settings } = parsed.value;
  const problems: ConfigProblem[] = [];

  function component<K extends FactoryKind>(kind: K, reference: Reference, path: ConfigPath): Component<K> | undefined {
    const { type = "", ...options } = typeof reference === "string" ? { type: reference } : reference;
    const factory = registry.find(kind, type);
    if (!factory) {
      problems.push({
        path: typeof reference === "string" ? path : [...path, "type"],
        message: registry.unknown(kind, type),
      });
      return undefined;
    }
    const result = parseWith(factory.options, options, path);
    if (!result.ok) {
      problems.push(...result.problems);
      return undefined;
    }
    return { factory, options: result.value, path };
  }

  function sourceOf(
    model: ParsedModel,
    path: ConfigPath,
    servable: Component<"servable"> | undefined,
  ): Component<"source"> | undefined {
    if (model.path !== undefined && model.source !== undefined) {
      problems.push({ path: [...path, "source"], message: 'give either "path" or "source", not both', atKey: true });
      return undefined;
    }
    const folder = folderOf(model, path);
    const message = folder && noFolder(folder.written);
    if (folder && message !== undefined) {
      problems.push({ path: folder.at, message });
      return undefined;
    }
    if (model.path !== undefined) return component("source", { type: "filesystem", path: model.path }, path);
    if (model.source !== undefined) return component("source", model.source, [...path, "source"]);
    // What is wrong with the servable has been said, and it may be one that has no files.
    if (model.servable !== undefined && !servable) return undefined;
    problems.push({ path, message: 'missing: where its versions are; give "path" or "source"', atKey: true });
    return undefined;
  }

  function warmupsOf({ warmup }: ParsedModel, path: ConfigPath): readonly Component<"warmup">[] {
    if (warmup === false) return [];
    if (warmup === undefined && !registry.find("warmup", DEFAULT_WARMUP)) return [];
    const wanted = warmup ?? DEFAULT_WARMUP;
    if (!Array.isArray(wanted)) return present([component("warmup", wanted, [...path, "warmup"])]);
    return present(wanted.map((each, i) => component("warmup", each, [...path, "warmup", i])));
  }

  function requestLogOf({ requestLog }: ParsedModel, path: ConfigPath): ResolvedModel["requestLog"] {
    if (!requestLog) return undefined;
    const { samplingRate, ...reference } = requestLog;
    const log = component("request-log", reference, [...path, "requestLog"]);
    return log && { ...log, samplingRate };
  }

  function modelOf(name: string, model: ParsedModel): ResolvedModel | undefined {
    const path = ["models", name];
    const servable =
      model.servable === undefined ? undefined : component("servable", model.servable, [...path, "servable"]);
    const own = servable?.factory.declared ? servable : undefined;
    problems.push(...(own ? checkDeclared(model, own.factory.type, path) : []));
    // What it is stands for where it is: other options are another version.
    const source = own ? { ...own, factory: declared } : sourceOf(model, path, servable);
    const policy = component("policy", model.policy, [...path, "policy"]);
    const batching = typeof model.batching === "object" ? { type: "shared", ...model.batching } : model.batching;
    const batcher = batching ? component("batcher", batching, [...path, "batching"]) : undefined;
    const warmups = own ? [] : warmupsOf(model, path);
    const requestLog = requestLogOf(model, path);
    if (!source || !policy) return undefined;
    const labels = new Map(Object.entries(model.labels));
    const versions = choiceOf(model.versions);
    const { group } = model;
    return { name, source, servable, policy, batcher, warmups, requestLog, versions, labels, group };
  }

  const resolved = present(Object.entries(models).map(([name, model]) => modelOf(name, model)));
  if (problems.length === 0) problems.push(...checkGroups(resolved), ...checkUses(resolved));
  const listeners = transports.map((reference, i) => component("transport", reference, ["transports", i]));
  if (problems.length > 0) return { ok: false, problems };
  return {
    ok: true,
    config: { ...settings, models: resolved, transports: present(listeners) },
  };
}

/** The path that a model's folder is given by, where it is. */
function folderOf({ path, source }: ParsedModel, at: ConfigPath) {
  if (path !== undefined) return { written: path, at: [...at, "path"] };
  if (typeof source !== "object" || source.type !== "filesystem" || typeof source.path !== "string") return undefined;
  return { written: source.path, at: [...at, "source", "path"] };
}

const present = <T>(items: readonly (T | undefined)[]): T[] => items.filter((item) => item !== undefined);

function choiceOf(versions: ParsedModel["versions"]): VersionChoice {
  if (versions === "all") return { kind: "all" };
  if (versions === "latest") return { kind: "latest", count: 1 };
  if (Array.isArray(versions)) return { kind: "specific", versions };
  return { kind: "latest", count: versions.latest };
}
