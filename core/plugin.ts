import type { z } from "zod";
import type { Batcher } from "./batcher.js";
import type { ConfigPath } from "./config/config-error.js";
import type { Provider } from "./container.js";
import type { ModelSpec } from "./frontend.js";
import type { Host } from "./host.js";
import type { Inspection } from "./inspection.js";
import type { Loader, LocalVersion } from "./loader.js";
import type { MaybePromise } from "./pending.js";
import type { RequestLog } from "./request-log.js";
import type { Servable } from "./servable.js";
import type { Source } from "./source.js";
import type { TextReader } from "./text-reader.js";
import type { Transport } from "./transport.js";
import type { VersionPolicy } from "./version-policy.js";
import type { Warmup } from "./warmup.js";

export type Stability = "stable" | "beta" | "experimental";

/** Something wrong with a component's options that can be seen before anything starts. */
export type Problem = {
  /** The option at fault, for the position in the config file. */
  readonly option?: string | ConfigPath;
  readonly message: string;
};

/** What every factory says of itself. `O` is what the options schema yields. */
type Factory<K extends string, O, T> = {
  readonly kind: K;
  /** The name a config uses. */
  readonly type: string;
  readonly stability: Stability;
  /** One sentence, shown by `salver components`. */
  readonly description: string;
  /** A strict zod object; each field has `.describe("one sentence")`. */
  readonly options: z.ZodType<O>;
  /** Options as a user would write them; a test parses and builds them. */
  readonly example: Readonly<Record<string, unknown>>;
  /** Looks at the options more closely than a schema can, e.g. whether a path exists. Starts nothing. */
  check?(options: O, host: Host): Promise<readonly Problem[]>;
  /** Cheap; heavy libraries are imported here, lazily. */
  create(host: Host, options: O): MaybePromise<T>;
};

/** Makes the loader of one version. */
export type LoaderFactory = (version: LocalVersion) => Loader;

/** A model that another calls. */
export type ModelUse = {
  readonly model: string;
  readonly version?: ModelSpec["version"] | undefined;
  readonly label?: ModelSpec["label"] | undefined;
  /** The option that says so, an object with `model` and perhaps `label`. */
  readonly at: ConfigPath;
};

export type SourceFactory<O = unknown> = Factory<"source", O, Source>;
export type PolicyFactory<O = unknown> = Factory<"policy", O, VersionPolicy>;
export type BatcherFactory<O = unknown> = Factory<"batcher", O, Batcher>;
export type TransportFactory<O = unknown> = Factory<"transport", O, Transport>;
export type ServableFactory<O = unknown> = Factory<"servable", O, LoaderFactory> & {
  /** All of it is in its options: models of this type have no path, and each new declaration is their next version. */
  readonly declared?: boolean;
  /** The models that these options make it call; it has `Links` to them when it is loaded. */
  uses?(options: O): readonly ModelUse[];
  /** Whether the files at `path` are this servable's, for models whose config names no type. */
  detect?(path: string): Promise<boolean>;
  /**
   * What the files of a version say, without serving it; runs off the event loop. Without this, the version is loaded and
   * its signatures are shown. @throws ServingError
   */
  inspect?(host: Host, version: LocalVersion, options: O, signal: AbortSignal): Promise<Inspection>;
  /**
   * Called in an I/O thread, for a servable that another thread has loaded and that has a handle. What it returns holds
   * nothing but this thread's own: its disposal comes first, and then the loading thread gives the memory back.
   */
  attach?(host: Host, attached: Attached): Promise<Servable>;
};

/** A servable of another thread. */
export type Attached = {
  readonly handle: unknown;
  readonly version: LocalVersion;
  /** Runs there, by message: for what the handle cannot do. */
  readonly origin: Pick<Servable, "run">;
};

export type WarmupFactory<O = unknown> = Factory<"warmup", O, Warmup>;
export type RequestLogFactory<O = unknown> = Factory<"request-log", O, RequestLog>;

type Factories<O> =
  | SourceFactory<O>
  | PolicyFactory<O>
  | BatcherFactory<O>
  | TransportFactory<O>
  | ServableFactory<O>
  | WarmupFactory<O>
  | RequestLogFactory<O>;
export type AnyFactory = Factories<unknown>;
export type FactoryKind = AnyFactory["kind"];

// Factories can only be made through these functions, so the interface can grow without breaking a plugin.
type Written<F extends { kind: string; stability: Stability }> = Omit<F, "kind" | "stability"> & {
  readonly stability?: Stability;
};

function factoryOf<K extends FactoryKind>(kind: K) {
  type Kind<O> = Extract<Factories<O>, { kind: K }>;
  return <O>(factory: Written<Kind<O>>): Kind<O> => ({ stability: "stable", ...factory, kind }) as unknown as Kind<O>;
}

export const source = factoryOf("source");
export const policy = factoryOf("policy");
export const batcher = factoryOf("batcher");
export const transport = factoryOf("transport");
export const servable = factoryOf("servable");
export const warmup = factoryOf("warmup");
export const requestLog = factoryOf("request-log");

/** One line of `salver doctor`. */
export type Finding = {
  readonly subject: string;
  readonly status: "ok" | "absent" | "broken";
  /** What was found, where; or what to do. */
  readonly detail: string;
};

export type Plugin = {
  readonly name: string;
  readonly factories: readonly AnyFactory[];
  /** Components for the container, reached through `host.get(token)`. */
  readonly providers?: readonly Provider[];
  /** For configs in places that URLs name. Only plugins of the distribution are asked: others are named in a config. */
  readonly texts?: readonly TextReader[];
  /** Looks at what the plugin needs on this machine. */
  doctor?(): Promise<readonly Finding[]>;
};

const brand = Symbol.for("salver.Plugin");

/** @throws Error that names the plugin when two of its factories have one kind and type */
export function definePlugin(plugin: Plugin): Plugin {
  const seen = new Set<string>();
  for (const { kind, type } of plugin.factories) {
    if (seen.has(`${kind} ${type}`))
      throw new Error(`plugin ${plugin.name} has two ${kind} factories of type "${type}"`);
    seen.add(`${kind} ${type}`);
  }
  return Object.assign({ [brand]: true }, plugin);
}

export function isPlugin(value: unknown): value is Plugin {
  return typeof value === "object" && value !== null && brand in value;
}
