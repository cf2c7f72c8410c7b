import { token } from "./container.js";
import type { CodeName } from "./errors.js";
import type { Priority } from "./servable.js";

/**
 * What a request asks for, by the names of TensorFlow Serving's rpcs; REST requests count as the rpc they stand for, and
 * one for a model's batches, which has none, as if it had.
 */
export type RequestMethod =
  | "Predict"
  | "Classify"
  | "Regress"
  | "MultiInference"
  | "SessionRun"
  | "GetModelMetadata"
  | "GetModelStatus"
  | "GetModelBatches"
  | "HandleReloadConfigRequest";

/**
 * One request. Its transport makes it when the request has come and hands it to `Frontend.lease`; each who learns
 * something writes it in. Afterwards it belongs to the telemetry.
 */
export type RequestEvent = {
  readonly entrypoint: "GRPC" | "REST";
  /** Absent for a request that could not be understood so far. */
  method: RequestMethod | undefined;
  /** As the client wrote it, so anything; "" when it named none. */
  model: string;
  /** The version that was leased. */
  version: bigint | undefined;
  /** A signature that the version has; absent when the request failed before one was found. */
  signature: string | undefined;
  /** tf.Examples in it, of methods that take these. */
  examples: number | undefined;
  /** The code of the answer. */
  code: CodeName;
  /** When its last byte had come, by `performance.now()`. */
  start: number;
  /** From there until its answer was ready. */
  milliseconds: number;
};

/** One run of a servable, waiting for a batch included. */
export type RunEvent = {
  /** What the request, or the warm-up, asked for. */
  readonly method?: RequestMethod | undefined;
  readonly model: string;
  readonly version: bigint;
  readonly signature: string;
  readonly code: CodeName;
  readonly milliseconds: number;
};

/** One attempt to load a version. */
export type LoadEvent = {
  readonly model: string;
  readonly version: bigint;
  /** The artifact's. */
  readonly uri: string;
  readonly code: CodeName;
  readonly milliseconds: number;
};

/** One warm-up of a version. */
export type WarmupEvent = {
  readonly model: string;
  readonly version: bigint;
  /** The version's folder. */
  readonly path: string;
  /** Requests read and run. */
  readonly records: number;
  readonly code: CodeName;
  readonly milliseconds: number;
};

/** One request that was chosen for the request log; `code` says whether it was written. */
export type RequestLogEvent = {
  readonly model: string;
  readonly code: CodeName;
};

/**
 * Why a batch took no more: it had all the rows it may have; its oldest request had waited for the batch timeout; a
 * thread was free and nothing is waited for; a request in it could not wait any longer; its version unloads, the
 * server drains, or the model's batching has changed.
 */
export type BatchClose = "full" | "timeout" | "idle" | "deadline" | "shutdown";

/**
 * One batch that begins to run. A request that is split over several batches, or runs again by itself because its batch
 * was refused, is in each of them.
 */
export type BatchEvent = {
  /** The pool of threads that runs it. */
  readonly pool: string;
  readonly model: string;
  readonly version: bigint;
  readonly signature: string;
  /** Of the queue that it comes from; requests of low priority may fill what a normal batch has left. */
  readonly priority: Priority;
  readonly closed: BatchClose;
  /** How long each of its requests had waited since it came, ms; of one that is split, the part in this batch. */
  readonly waits: readonly number[];
  /** How many rows each of them has, in all its batches; told with the first. */
  readonly requestRows: readonly number[];
  /** Rows in the batch. */
  readonly rows: number;
  /** Rows it is run with: `rows`, or the allowed size that it is padded to. */
  readonly size: number;
  /** The most rows that it might have had. */
  readonly limit: number;
  /** Milliseconds; where the limit is less than is configured, to have answers within this time. */
  readonly latencyTarget?: number | undefined;
};

/** The end of a batch that has begun. */
export type BatchEndEvent = {
  /** The very event that it began with. */
  readonly batch: BatchEvent;
  /** Of its run; one of its requests may still have ended otherwise, for its caller had gone. */
  readonly code: CodeName;
  readonly milliseconds: number;
};

/** A version that was loaded has a key in ML Metadata, where the pipeline that made it is described. */
export type MlmdEvent = {
  readonly model: string;
  readonly version: bigint;
  readonly uuid: string;
};

/** More of a version has come from its remote place. */
export type DownloadEvent = {
  readonly model: string;
  readonly version: bigint;
  /** The artifact's. */
  readonly uri: string;
  /** That have come since the event before. */
  readonly bytes: number;
  /** Of the version that are here by now, those from earlier attempts and from other versions included. */
  readonly done: number;
  /** Of the whole version, archives as they are packed; absent where its place does not say. */
  readonly size: number | undefined;
};

/** The end of an attempt to bring a version from its remote place. */
export type DownloadEndEvent = {
  readonly model: string;
  readonly version: bigint;
  /** The artifact's. */
  readonly uri: string;
  /** That have come. */
  readonly bytes: number;
  readonly code: CodeName;
  readonly milliseconds: number;
};

/** The cache of remote versions has been looked through: at its first use, and when a version has come to it. */
export type CacheEvent = {
  /** On disk, of all processes that share it; what versions have in common is counted once. */
  readonly bytes: number;
  readonly versions: number;
  /** Versions that had to go since the event before. */
  readonly evicted: number;
};

/** Hears what happens. Called on the hot path: must return at once and never throw. */
export interface Telemetry {
  requestEnded(event: RequestEvent): void;
  runEnded(event: RunEvent): void;
  loadEnded(event: LoadEvent): void;
  warmedUp(event: WarmupEvent): void;
  requestLogged(event: RequestLogEvent): void;
  batchStarted(event: BatchEvent): void;
  mlmdFound(event: MlmdEvent): void;
  batchEnded(event: BatchEndEvent): void;
  downloaded(event: DownloadEvent): void;
  downloadEnded(event: DownloadEndEvent): void;
  cacheSeen(event: CacheEvent): void;
}

export const TelemetryToken = token<Telemetry>("Telemetry");

const ignore = () => {};

/** Provided unless a plugin provides another. */
export const silentTelemetry: Telemetry = {
  requestEnded: ignore,
  runEnded: ignore,
  loadEnded: ignore,
  warmedUp: ignore,
  requestLogged: ignore,
  batchStarted: ignore,
  mlmdFound: ignore,
  batchEnded: ignore,
  downloaded: ignore,
  downloadEnded: ignore,
  cacheSeen: ignore,
};

/** The event of a request that has just come. */
export function newRequest(entrypoint: RequestEvent["entrypoint"], method?: RequestMethod): RequestEvent {
  return {
    entrypoint,
    method,
    model: "",
    version: undefined,
    signature: undefined,
    examples: undefined,
    code: "OK",
    start: performance.now(),
    milliseconds: 0,
  };
}

export function endRequest(telemetry: Telemetry, event: RequestEvent, code: CodeName): void {
  event.code = code;
  event.milliseconds = performance.now() - event.start;
  telemetry.requestEnded(event);
}

/** The part of a telemetry that hears of downloads. */
export type DownloadListener = Pick<Telemetry, "downloaded" | "downloadEnded">;

/** `telemetry`, and another who hears of its downloads afterwards. */
export function sharingDownloads(telemetry: Telemetry, other: DownloadListener): Telemetry {
  return {
    ...telemetry,
    downloaded: (event) => {
      telemetry.downloaded(event);
      other.downloaded(event);
    },
    downloadEnded: (event) => {
      telemetry.downloadEnded(event);
      other.downloadEnded(event);
    },
  };
}
