import type { BatchRecord } from "../batch-record.js";
import type { Clock } from "../clock.js";
import type { EventBus } from "../lifecycle/events.js";
import type { BatchEndEvent, Telemetry } from "../telemetry.js";
import type { RefusalCount } from "./refusals.js";

/** Batches that are remembered of each signature of each version. */
const KEPT = 100;

type Mutable<T> = { -readonly [K in keyof T]: T[K] };
type Remembered = Mutable<Omit<BatchRecord, "age" | "wait">> & { median: number; max: number; ended: number };
/** Its records are written over, never replaced: at 20,000 batches a second new ones would be the collector's work. */
type Ring = { readonly batches: Remembered[]; next: number };

/** The latest batches of what is loaded. What is never batched costs nothing. */
export interface BatchLog extends Pick<Telemetry, "batchEnded"> {
  /** Of one version or of all, the newest first. */
  of(model: string, version?: bigint): readonly BatchRecord[];
}

export function createBatchLog(clock: Clock, events: EventBus): BatchLog {
  const models = new Map<string, Map<bigint, Map<string, Ring>>>();

  // The last batches of a version end before it does.
  events.subscribe(({ model, version, state }) => {
    if (state !== "END") return;
    const versions = models.get(model);
    versions?.delete(version);
    if (versions?.size === 0) models.delete(model);
  });

  function ringOf({ model, version, signature }: BatchEndEvent["batch"]): Ring {
    const versions = kept(models, model, () => new Map<bigint, Map<string, Ring>>());
    const signatures = kept(versions, version, () => new Map<string, Ring>());
    return kept(signatures, signature, newRing);
  }

  return {
    batchEnded: (event) => {
      const ring = ringOf(event.batch);
      const slot = ring.batches[ring.next] ?? blank();
      ring.batches[ring.next] = remember(slot, event, clock.now());
      ring.next = (ring.next + 1) % KEPT;
    },
    of: (model, version) => {
      const versions = models.get(model) ?? new Map<bigint, Map<string, Ring>>();
      const chosen =
        version === undefined ? [...versions.values()] : [versions.get(version) ?? new Map<string, Ring>()];
      const now = clock.now();
      return chosen
        .flatMap((signatures) => [...signatures.values()].flatMap(({ batches }) => batches))
        .sort((a, b) => b.ended - a.ended)
        .map(({ ended, median, max, ...batch }) => ({ ...batch, wait: { median, max }, age: now - ended }));
    },
  };
}

function kept<K, V>(map: Map<K, V>, key: K, create: () => V): V {
  const known = map.get(key);
  if (known !== undefined) return known;
  const made = create();
  map.set(key, made);
  return made;
}

const newRing = (): Ring => ({ batches: [], next: 0 });

const blank = (): Remembered => ({
  version: 0n,
  signature: "",
  priority: "normal",
  closed: "idle",
  requests: 0,
  rows: 0,
  size: 0,
  limit: 0,
  latencyTarget: undefined,
  median: 0.5,
  max: 0.5,
  run: 0.5,
  code: "OK",
  ended: 0.5,
});

// The waits themselves are not kept: a batch may have a thousand of them.
function remember(slot: Remembered, { batch, code, milliseconds }: BatchEndEvent, ended: number): Remembered {
  const waits = batch.waits.length > 1 ? Float64Array.from(batch.waits).sort() : batch.waits;
  slot.version = batch.version;
  slot.signature = batch.signature;
  slot.priority = batch.priority;
  slot.closed = batch.closed;
  slot.requests = waits.length;
  slot.rows = batch.rows;
  slot.size = batch.size;
  slot.limit = batch.limit;
  slot.latencyTarget = batch.latencyTarget;
  slot.median = waits[waits.length >> 1] ?? 0;
  slot.max = waits.at(-1) ?? 0;
  slot.run = milliseconds;
  slot.code = code;
  slot.ended = ended;
  return slot;
}

/** `telemetry`, with `log` hearing of the batches as well, and `refusals` of what came to none. */
export function loggingBatches(telemetry: Telemetry, log: BatchLog, refusals: RefusalCount): Telemetry {
  return {
    requestEnded: (event) => telemetry.requestEnded(event),
    runEnded: (event) => {
      telemetry.runEnded(event);
      refusals.runEnded(event);
    },
    loadEnded: (event) => telemetry.loadEnded(event),
    warmedUp: (event) => telemetry.warmedUp(event),
    requestLogged: (event) => telemetry.requestLogged(event),
    mlmdFound: (event) => telemetry.mlmdFound(event),
    batchStarted: (event) => telemetry.batchStarted(event),
    batchEnded: (event) => {
      telemetry.batchEnded(event);
      log.batchEnded(event);
    },
    downloaded: (event) => telemetry.downloaded(event),
    downloadEnded: (event) => telemetry.downloadEnded(event),
    cacheSeen: (event) => telemetry.cacheSeen(event),
  };
}
