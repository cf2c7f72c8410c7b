import type { Clock } from "../clock.js";
import { type CodeName, isServingError, messageOf, type ServingError, toServingError } from "../errors.js";
import type { Links } from "../links.js";
import type { LocalVersion } from "../loader.js";
import type { Logger } from "../logger.js";
import type { LoaderFactory } from "../plugin.js";
import type { Servable } from "../servable.js";
import type { Artifact } from "../source.js";
import type { Telemetry } from "../telemetry.js";
import type { MemoryLedger, Reservation } from "./memory.js";
import { type Wrap, type Wrapped, wrapped } from "./wrapped.js";

export type LoadRules = {
  /** Attempts after the first. */
  readonly retries: number;
  /** Milliseconds between attempts. */
  readonly retryInterval: number;
  /** `hopeful`: not after failures whose code says that the next attempt cannot turn out differently. */
  readonly retryOn: "hopeful" | "any";
};

/** Finds the loader of a version: fixed by the config, or by looking at the files. */
export type LoaderChoice = (version: LocalVersion) => Promise<{ readonly type: string; readonly make: LoaderFactory }>;

/** How a model's versions are loaded. */
export type LoadPlan = {
  readonly name: string;
  readonly loader: LoaderChoice;
  readonly load: LoadRules;
  /** What is done to a loaded version before it is available; when it fails, so has the load. @throws ServingError */
  warm?(servable: Servable, version: LocalVersion, signal: AbortSignal): Promise<void>;
  /** Put around each servable once it is loaded and warm. */
  readonly wrap: Wrap;
};

type LoadHouse = {
  readonly clock: Clock;
  readonly log: Logger;
  readonly memory: MemoryLedger;
  readonly telemetry: Telemetry;
};

export type Loaded = {
  readonly type: string;
  readonly wrapped: Wrapped;
  readonly links?: Links | undefined;
  readonly reservation: Reservation;
  /** Tells the source that what it opened is in use no more; to be called once, when all else has been given back. */
  readonly releaseFiles: () => void;
};

/**
 * INVALID_ARGUMENT finds fault with what is there, whenever it is looked at: names and archives that nobody may unpack,
 * tags that no graph has, warm-up records that the model refuses. What is damaged on its way is DATA_LOSS.
 */
const hopeless: ReadonlySet<CodeName> = new Set(["FAILED_PRECONDITION", "UNIMPLEMENTED", "INVALID_ARGUMENT"]);

/** Codes of loads that may have failed for what is in the files, rather than for what there is around them. */
const ofFiles: ReadonlySet<CodeName> = new Set([
  ...(["DATA_LOSS", "INVALID_ARGUMENT", "FAILED_PRECONDITION", "NOT_FOUND", "OUT_OF_RANGE"] as const),
  ...(["INTERNAL", "UNKNOWN"] as const),
]);

/**
 * One whole load: fetch, choose a loader, reserve memory, load, warm up; tried again as the rules say. Nothing comes of
 * one that is called off before any attempt has failed.
 * @throws ServingError the last attempt's; of a load that is called off later, that of the attempt before
 */
export async function loadVersion(
  plan: LoadPlan,
  artifact: Artifact,
  signal: AbortSignal,
  house: LoadHouse,
): Promise<Loaded | undefined> {
  const { name: model, load: rules } = plan;
  const { version, uri } = artifact;
  let before: ServingError | undefined;
  for (let attempt = 0; !signal.aborted; attempt++) {
    const start = house.clock.now();
    const ended = (code: CodeName) =>
      house.telemetry.loadEnded({ model, version, uri, code, milliseconds: house.clock.now() - start });
    try {
      const loaded = await loadOnce(plan, artifact, signal, house);
      ended("OK");
      return loaded;
    } catch (error) {
      const failure = asLoadError(error);
      ended(signal.aborted ? "CANCELLED" : failure.code);
      if (signal.aborted) break;
      if (attempt >= rules.retries || (rules.retryOn === "hopeful" && hopeless.has(failure.code))) throw failure;
      before = failure;
      house.log.warn(
        { version: String(artifact.version), attempt: attempt + 1, code: failure.code },
        `loading failed, trying again in ${rules.retryInterval} ms (${rules.retries - attempt} left): ${failure.message}`,
      );
      await house.clock.sleep(rules.retryInterval, signal).catch(() => {});
    }
  }
  if (before) throw before;
  return undefined;
}

async function loadOnce(plan: LoadPlan, artifact: Artifact, signal: AbortSignal, house: LoadHouse): Promise<Loaded> {
  const path = await artifact.open(signal);
  const give = (spoiled: boolean) => release(artifact, spoiled, house.log);
  try {
    return { ...(await loadFrom(path, plan, artifact, signal, house)), releaseFiles: () => give(false) };
  } catch (error) {
    give(!signal.aborted && ofFiles.has(asLoadError(error).code));
    throw error;
  }
}

function release(artifact: Artifact, spoiled: boolean, log: Logger): void {
  try {
    artifact.release?.({ spoiled });
  } catch (error) {
    log.error({ version: String(artifact.version), error }, `releasing ${artifact.uri}: ${messageOf(error)}`);
  }
}

async function loadFrom(
  path: string,
  plan: LoadPlan,
  artifact: Artifact,
  signal: AbortSignal,
  house: LoadHouse,
): Promise<Omit<Loaded, "releaseFiles">> {
  const { name: model, loader: chooseLoader } = plan;
  const local = { model, version: artifact.version, path };
  const { type, make } = await chooseLoader(local);
  const loader = make(local);
  const estimate = await loader.estimate();
  const what = `{name: ${model} version: ${artifact.version}}`;
  const reservation = await house.memory.reserve(estimate.memory, what, signal);
  try {
    signal.throwIfAborted();
    const servable = await loader.load(signal);
    const { links } = servable;
    return { type, links, wrapped: await madeReady(plan, servable, local, signal, house.log), reservation };
  } catch (error) {
    reservation.release();
    throw error;
  } finally {
    reservation.steady();
  }
}

/** Warm and wrapped; what cannot be made so is given back. */
async function madeReady(
  plan: LoadPlan,
  servable: Servable,
  local: LocalVersion,
  signal: AbortSignal,
  log: Logger,
): Promise<Wrapped> {
  try {
    await plan.warm?.(servable, local, signal);
    return await wrapped(servable, local, plan.wrap, log);
  } catch (failure) {
    try {
      await servable[Symbol.asyncDispose]();
    } catch (error) {
      log.error(
        { version: String(local.version), error },
        `unloading what could not be made ready: ${messageOf(error)}`,
      );
    }
    throw failure;
  }
}

// A load's failure is shown to operators, in the version's status: unlike a request's, its text is kept.
function asLoadError(error: unknown): ServingError {
  if (isServingError(error)) return error;
  return toServingError(error, messageOf(error));
}
