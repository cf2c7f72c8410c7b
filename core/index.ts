export type { Batcher } from "./batcher.js";
export { type Clock, systemClock } from "./clock.js";
export { bytes, duration } from "./config/units.js";
export { type Container, createContainer, type Provider, provide, type Token, token } from "./container.js";
export { defineServable, type FunctionServable } from "./define-servable.js";
export * from "./errors.js";
export type {
  Frontend,
  Lease,
  ModelSpec,
  Readiness,
  RunOptions,
  VersionState,
  VersionStatus,
} from "./frontend.js";
export type { Host } from "./host.js";
export type { Loader, LocalVersion, Resources } from "./loader.js";
export { type Logger, silentLogger } from "./logger.js";
export * from "./plugin.js";
export type { Call, Servable } from "./servable.js";
export * from "./signature.js";
export type { Artifact, Sighting, Source } from "./source.js";
export * from "./tensor.js";
export type { Address, Transport } from "./transport.js";
export type { Action, Phase, Snapshot, VersionPolicy } from "./version-policy.js";
export { spawnWorker } from "./worker.js";
