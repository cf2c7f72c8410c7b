import type { Clock } from "../clock.js";
import { isServingError, messageOf, type ServingError, toServingError } from "../errors.js";
import type { LocalVersion } from "../loader.js";
import type { Logger } from "../logger.js";
import type { LoaderFactory } from "../plugin.js";
import type { Servable } from "../servable.js";
import type { Artifact } from "../source.js";
import type { MemoryLedger, Reservation } from "./memory.js";

export type LoadRules = {
  /** Attempts after the first. */
  readonly retries: number;
  /** Milliseconds between attempts. */
  readonly retryInterval: number;
};

/** Finds the loader of a version: fixed by the config, or by looking at the files. */
export type LoaderChoice = (version: LocalVersion) => Promise<{ readonly type: string; readonly make: LoaderFactory }>;

export type Loaded = {
  readonly type: string;
  readonly servable: Servable;
  readonly reservation: Reservation;
};

// What cannot turn out differently the next time is not tried again.
const final = new Set(["FAILED_PRECONDITION", "UNIMPLEMENTED"]);

/** How the versions of one model are loaded. */
export type LoadPlan = {
  readonly name: string;
  readonly loader: LoaderChoice;
  readonly load: LoadRules;
  /** Put around each servable once it is loaded, e.g. a batcher. */
  wrap(servable: Servable): Servable;
};

type House = { readonly clock: Clock; readonly log: Logger; readonly memory: MemoryLedger };

/** One whole load: fetch, choose a loader, reserve memory, load; tried again as the rules say. @throws ServingError */
export async function loadVersion(
  plan: LoadPlan,
  artifact: Artifact,
  signal: AbortSignal,
  house: House,
): Promise<Loaded> {
  const { retries, retryInterval } = plan.load;
  for (let attempt = 0; ; attempt++) {
    try {
      return await loadOnce(plan, artifact, signal, house.memory);
    } catch (error) {
      const failure = asLoadError(error);
      if (signal.aborted || attempt >= retries || final.has(failure.code)) throw failure;
      house.log.warn(
        { version: String(artifact.version), attempt: attempt + 1, code: failure.code },
        `loading failed, trying again in ${retryInterval} ms (${retries - attempt} left): ${failure.message}`,
      );
      await house.clock.sleep(retryInterval, signal).catch(() => {
        throw failure;
      });
    }
  }
}

async function loadOnce(
  plan: LoadPlan,
  artifact: Artifact,
  signal: AbortSignal,
  memory: MemoryLedger,
): Promise<Loaded> {
  const path = await artifact.open(signal);
  const local = { model: plan.name, version: artifact.version, path };
  const { type, make } = await plan.loader(local);
  const loader = make(local);
  const estimate = await loader.estimate();
  const what = `{name: ${plan.name} version: ${artifact.version}}`;
  const reservation = await memory.reserve(estimate.memory, what, signal);
  try {
    signal.throwIfAborted();
    const servable = await loader.load(signal);
    return { type, servable: await wrapped(plan, servable), reservation };
  } catch (error) {
    reservation.release();
    throw error;
  } finally {
    reservation.steady();
  }
}

async function wrapped(plan: LoadPlan, servable: Servable): Promise<Servable> {
  try {
    return plan.wrap(servable);
  } catch (error) {
    await servable[Symbol.asyncDispose]();
    throw error;
  }
}

// A load's failure is shown to operators, in the version's status: unlike a request's, its text is kept.
function asLoadError(error: unknown): ServingError {
  if (isServingError(error)) return error;
  return toServingError(error, messageOf(error));
}
