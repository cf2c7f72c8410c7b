import { isDeepStrictEqual } from "node:util";
import type { ConfigPath } from "../config/config-error.js";
import type { Registry } from "../config/registry.js";
import type { ResolvedModel } from "../config/resolve.js";
import type { Host } from "../host.js";
import type { ManagedModel } from "../lifecycle/entry.js";
import type { LoaderChoice, LoadPlan, LoadRules } from "../lifecycle/load.js";
import type { Wrap } from "../lifecycle/wrapped.js";
import type { Source } from "../source.js";
import { TelemetryToken } from "../telemetry.js";
import type { VersionPolicy } from "../version-policy.js";
import type { Warmup } from "../warmup.js";
import { loaderChoice } from "./loader-choice.js";
import { createRequestLogging, type RequestLogging } from "./request-logging.js";
import { warmingUp } from "./warm-up.js";

/** The components of one configured model. */
export type ModelParts = {
  readonly config: ResolvedModel;
  readonly source: Source;
  readonly policy: VersionPolicy;
  readonly wrap: Wrap;
  readonly loader: LoaderChoice;
  readonly warm: NonNullable<LoadPlan["warm"]>;
  readonly requests: RequestLogging | undefined;
};

export type PartsHouse = {
  readonly registry: Registry;
  /** @param path where the component stands in the config */
  readonly hostFor: (model: string, path?: ConfigPath) => Host;
  /** As requests have it. */
  readonly checkMethods: boolean;
  /** What is done to a loader for its versions to be run in other threads, too. */
  readonly shared: (loader: LoaderChoice) => LoaderChoice;
};

/** Makes what differs from `before` and keeps the rest; starts nothing. */
export async function buildModel(
  config: ResolvedModel,
  before: ModelParts | undefined,
  { registry, hostFor, checkMethods, shared }: PartsHouse,
): Promise<ModelParts> {
  const host = hostFor(config.name);
  const kept = (key: keyof ResolvedModel) =>
    before && isDeepStrictEqual(before.config[key], config[key]) ? before : undefined;
  const { policy, batcher, servable, source, warmups, requestLog } = config;
  return {
    config,
    policy: kept("policy")?.policy ?? (await policy.factory.create(host, policy.options)),
    wrap: kept("batcher")?.wrap ?? (await createWrap(batcher, host)),
    loader: kept("servable")?.loader ?? shared(loaderChoice(servable, registry, hostFor(config.name, servable?.path))),
    warm: kept("warmups")?.warm ?? warmingUp(await createWarmups(warmups, host), host, checkMethods),
    requests: kept("requestLog") ? before?.requests : requestLog && (await createRequests(requestLog, host)),
    // Last, for it is the one part that has to be disposed should another fail.
    source: kept("source")?.source ?? (await source.factory.create(hostFor(config.name, source.path), source.options)),
  };
}

async function createWrap(chosen: ResolvedModel["batcher"], host: Host): Promise<Wrap> {
  if (!chosen) return (servable) => servable;
  const batcher = await chosen.factory.create(host, chosen.options);
  return (servable, version) => batcher.wrap(servable, version);
}

function createWarmups(warmups: ResolvedModel["warmups"], host: Host): Promise<readonly Warmup[]> {
  return Promise.all(warmups.map(({ factory, options }) => factory.create(host, options)));
}

async function createRequests(
  { factory, options, samplingRate }: NonNullable<ResolvedModel["requestLog"]>,
  host: Host,
): Promise<RequestLogging> {
  const sink = await factory.create(host, options);
  const { id: model, log } = host;
  return createRequestLogging({ model, sink, samplingRate, log, telemetry: host.get(TelemetryToken) });
}

export function managedModel({ config, policy, wrap, loader, warm }: ModelParts, load: LoadRules): ManagedModel {
  const { name, versions, labels, group } = config;
  return { name, versions, labels, group, policy, loader, load, warm, wrap };
}
