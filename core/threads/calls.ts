import type { BatchRecord, Refusals } from "../batch-record.js";
import type { Config } from "../config/schema.js";
import type { ModelSpec, Readiness, VersionStatus } from "../frontend.js";
import type { VersionEvent } from "../lifecycle/events.js";
import type { Place } from "../listener.js";
import type { Logger } from "../logger.js";
import type { LoggedRequest } from "../request-log.js";
import type { Call } from "../servable.js";
import type { SessionResult, SessionRun } from "../session-run.js";
import type { Signature } from "../signature.js";
import type { Tensors } from "../tensor.js";
import type { Address } from "../transport.js";

/** What an I/O thread is started with. */
export type Boot = {
  /** The config without its models: these come by `models`. */
  readonly raw: unknown;
  readonly file: string;
  readonly baseDir: string;
  /** Requests that may be under way in this thread at once. */
  readonly maxInFlight: number;
};

/** What an I/O thread knows of a configured model. */
export type ThreadModel = {
  readonly name: string;
  readonly batching: { readonly type: string; readonly options: unknown } | undefined;
  /** Of requests that are logged; absent where none is. */
  readonly samplingRate: number | undefined;
};

/** A version that the main thread has loaded. */
export type SharedVersion = {
  readonly id: number;
  readonly model: string;
  readonly version: bigint;
  readonly path: string;
  /** Of the servable's factory. */
  readonly type: string;
  /** See `Servable.handle`. */
  readonly handle: unknown;
  readonly signatures: Readonly<Record<string, Signature>>;
  readonly engine: string | undefined;
  readonly sessions: boolean;
};

/** Which versions of a model can be reached. */
export type RoutesOf = {
  readonly versions: readonly bigint[];
  readonly latest: bigint | undefined;
  readonly labels: ReadonlyMap<string, bigint>;
  /** Of versions that call other models: these have their signatures by the time they can be reached. */
  readonly linked: ReadonlyMap<bigint, SharedVersion["signatures"]>;
};
/** Models whose routes are others; without any: the model is gone. */
export type Rerouted = ReadonlyMap<string, RoutesOf | undefined>;

export type ServerStatus = {
  readonly models: readonly string[];
  readonly readiness: Readiness;
  /** Of the models whose versions may have changed. */
  readonly versions: ReadonlyMap<string, readonly VersionStatus[]>;
};

/** What the main thread asks of an I/O thread. */
export type ThreadCalls = {
  readonly boot: (boot: Boot) => Promise<void>;
  /** All that are configured; resolves when what is attached answers by their rules. */
  readonly models: (models: readonly ThreadModel[]) => Promise<void>;
  /** Makes the version ready to answer here. */
  readonly attach: (version: SharedVersion) => Promise<void>;
  /** Resolves when nothing here depends on the version any more. */
  readonly detach: (id: number) => Promise<void>;
  readonly hurry: (id: number) => void;
  /** Takes effect as one change: no request sees a part of it. */
  readonly routes: (rerouted: Rerouted) => void;
  readonly status: (status: ServerStatus) => void;
  readonly event: (event: VersionEvent) => void;
  readonly listen: (nothing: undefined) => Promise<readonly Address[]>;
  /** Answered as soon as the descriptor is the thread's to close. */
  readonly connection: (accepted: { readonly listener: number; readonly fd: number }) => void;
  readonly announceEnd: (nothing: undefined) => void;
  /** In so many milliseconds. */
  readonly drain: (milliseconds: number) => Promise<void>;
  /** What the metrics page's owner has counted here. */
  readonly counted: (nothing: undefined) => unknown;
  readonly batches: (spec: ModelSpec) => readonly BatchRecord[];
  readonly refusals: (spec: ModelSpec) => Refusals;
  readonly close: (nothing: undefined) => Promise<void>;
};

/** A run for the thread that loaded the version; `call` names it for `abort`. */
export type RelayedCall = Pick<Call, "signature" | "inputs" | "priority"> & {
  readonly id: number;
  readonly call: number;
  readonly outputs: readonly string[] | undefined;
  /** Milliseconds that are left. */
  readonly left: number | undefined;
};
export type RelayedSessionRun = Omit<SessionRun, "signal"> & { readonly id: number; readonly call: number };

export type LogLine = {
  readonly level: Exclude<keyof Logger, "child">;
  readonly fields: Readonly<Record<string, unknown>>;
  readonly message: string;
};

/** What an I/O thread asks of the main thread. */
export type MainCalls = {
  readonly listen: (wanted: {
    readonly transport: number;
    readonly place: Place;
  }) => Promise<{ readonly listener: number; readonly host: string; readonly port: number }>;
  /** From now on connections of this listener may be handed over. */
  readonly accepts: (listener: number) => void;
  /** A connection of this thread has closed. */
  readonly closed: (nothing: undefined) => void;
  readonly run: (call: RelayedCall) => Promise<Tensors>;
  readonly runSession: (run: RelayedSessionRun) => Promise<SessionResult>;
  readonly abort: (call: number) => void;
  readonly reload: (wanted: { readonly call: number; readonly models: Config["models"] }) => Promise<void>;
  readonly metricsPage: (nothing: undefined) => Promise<string>;
  readonly batches: (spec: ModelSpec) => Promise<readonly BatchRecord[]>;
  readonly refusals: (spec: ModelSpec) => Promise<Refusals>;
  readonly logged: (request: LoggedRequest) => void;
  readonly log: (line: LogLine) => void;
};
