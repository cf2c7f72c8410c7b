export {
  type ArchiveKind,
  type ArtifactCache,
  ArtifactCacheToken,
  type Brought,
  type CacheSettings,
  CacheSettingsToken,
  type Fetched,
  type RemoteFile,
  type RemoteVersion,
} from "./artifact-cache.js";
export { AskedBy, askingFor } from "./asking-for.js";
export type { BatchRecord, Refusals } from "./batch-record.js";
export type { Batcher } from "./batcher.js";
export { type Caller, CallerOf, isGone, LazyCaller, offGone, onGone } from "./caller.js";
export { type Clock, ClockToken, systemClock } from "./clock.js";
export { asWritten } from "./config/as-written.js";
export { userCache } from "./config/cache-settings.js";
export { ConfigError, type ConfigPath, type ConfigProblem, isConfigError, type Locate } from "./config/config-error.js";
export { hint } from "./config/did-you-mean.js";
export { type LoadedConfig, loadConfig } from "./config/load-config.js";
export { type Parsed, parseWith } from "./config/parse.js";
export { pollConfig } from "./config/poll-config.js";
export { parseWithPositions } from "./config/positions.js";
export { type ConfigOrigin, type PreparedConfig, prepareConfig } from "./config/prepare.js";
export { createRegistry, type Registry } from "./config/registry.js";
export { type Config, configSchema, defineConfig } from "./config/schema.js";
export { createTexts, isUrl, shownUrl, type Texts } from "./config/texts.js";
export { bytes, duration } from "./config/units.js";
export { type Container, createContainer, type Provider, provide, type Token, token } from "./container.js";
export { defineServable, type FunctionServable } from "./define-servable.js";
export * from "./errors.js";
export * from "./example.js";
export type {
  Frontend,
  Lease,
  ModelSpec,
  Readiness,
  ReloadOptions,
  RequestOptions,
  RunOptions,
  VersionState,
  VersionStatus,
} from "./frontend.js";
export type { Host } from "./host.js";
export * from "./inference.js";
export { type Fact, type Facts, type InspectedSignature, type Inspection, inspectLoaded } from "./inspection.js";
export { type EventBus, EventBusToken, type VersionEvent } from "./lifecycle/events.js";
export type { LoadedVersion } from "./lifecycle/live-version.js";
export type { FindModel, Links, Reachable } from "./links.js";
export { type Listener, ListenerToken, type Place } from "./listener.js";
export type { Loader, LocalVersion, Resources } from "./loader.js";
export { type LogFn, type Logger, LoggerToken, silentLogger } from "./logger.js";
export { type MetricsPage, MetricsPageToken } from "./metrics-page.js";
export { type Models, ModelsToken } from "./models.js";
export { type OptionalPackage, packageFinding } from "./package-finding.js";
export { afterwards, asIs, isPending, type MaybePromise, whenDone } from "./pending.js";
export * from "./plugin.js";
export type { LoggedRequest, RequestLog } from "./request-log.js";
export { RequestMemory } from "./request-memory.js";
export type { Call, Priority, Servable } from "./servable.js";
export { createServer, type Server, type ServerOptions } from "./server.js";
export { abortError } from "./serving/abort-error.js";
export { isPlatformChange, type PlatformChange } from "./serving/change-rules.js";
export { detectServable } from "./serving/loader-choice.js";
export { orAborted } from "./serving/or-aborted.js";
export { PRIORITY_HEADER, readPriority } from "./serving/request-priority.js";
export type { SessionResult, SessionRun } from "./session-run.js";
export * from "./signature.js";
export type { Artifact, Sighting, Source } from "./source.js";
export * from "./telemetry.js";
export * from "./tensor.js";
export type { RemoteText, TextReader } from "./text-reader.js";
export { runIoThread } from "./threads/io-thread.js";
export type { ThreadParts } from "./threads/io-threads.js";
export { checkTls, isPem, readTls, type TlsCredentials, type TlsOptions, tlsOptions } from "./tls.js";
export type { Address, Transport } from "./transport.js";
export type { Action, Phase, Snapshot, VersionPolicy } from "./version-policy.js";
export type { Warmup, WarmupTarget } from "./warmup.js";
export { spawnWorker } from "./worker.js";
