import { failedPrecondition, messageOf } from "../../../core/index.js";
import { loadApi, type TfApi } from "./c-api.js";
import { compareVersions } from "./cache.js";
import { type Hit, places } from "./places.js";

/** A libtensorflow that is in use. */
export type TfLibrary = {
  readonly path: string;
  /** The second library of a pair. */
  readonly framework?: string;
  /** TensorFlow's own, e.g. `2.18.0`. */
  readonly version: string;
  /** Where it came from, for people. */
  readonly origin: string;
};

export type Searched = { readonly place: string; readonly result: string };
export type Loaded = { readonly library: TfLibrary; readonly api: TfApi };
/** A place without a usable library; `broken` when there is one that does not load. */
type Failed = Searched & { readonly origin: string; readonly broken: boolean };
type Outcome = { readonly loaded?: Loaded; readonly searched: readonly Failed[] };

/** From 2.4 on a string tensor is an array of TF_TString; before, its bytes were laid out differently. */
const OLDEST = "2.4";

async function load(place: Hit): Promise<Loaded> {
  const api = await loadApi(place.files);
  const version = api.version();
  if (compareVersions(version, OLDEST) < 0) {
    throw new Error(`is TensorFlow ${version}; at least ${OLDEST} is needed`);
  }
  return { library: { ...place.files, version, origin: place.origin }, api };
}

async function search(): Promise<Outcome> {
  const searched: Failed[] = [];
  for await (const place of places()) {
    const { origin, place: where } = place;
    if (!("files" in place)) {
      searched.push({ origin, place: where, result: place.result, broken: false });
      continue;
    }
    try {
      return { loaded: await load(place), searched };
    } catch (error) {
      searched.push({ origin, place: where, result: `cannot be loaded: ${messageOf(error)}`, broken: true });
    }
  }
  return { searched };
}

let current: Promise<Outcome> | undefined;

/**
 * The first libtensorflow that loads. What was found stays for the life of the process; a search that found nothing is
 * done anew when asked again, so that a library installed meanwhile is seen.
 */
export function searchOnce(): Promise<Outcome> {
  current ??= search().then((outcome) => {
    if (!outcome.loaded) current = undefined;
    return outcome;
  });
  return current;
}

/** Lets the next search look anew, unless a library is loaded: a process has one for good. */
export async function forgetSearch(): Promise<void> {
  if (current && !(await current).loaded) current = undefined;
}

export async function findLibrary(): Promise<{ found: TfLibrary } | { searched: readonly Searched[] }> {
  const { loaded, searched } = await searchOnce();
  return loaded ? { found: loaded.library } : { searched: searched.map(({ place, result }) => ({ place, result })) };
}

export const HOW_TO_INSTALL =
  "run `salver tensorflow install`, install @tensorflow/tfjs-node-gpu or Python's tensorflow, " +
  "or set LIBTENSORFLOW_PATH to a libtensorflow or its folder";

/** @throws FAILED_PRECONDITION that says where was looked and what to do; without paths, since clients may see it */
export async function requireLibrary(): Promise<Loaded> {
  const { loaded, searched } = await searchOnce();
  if (loaded) return loaded;
  const broken = searched.find((place) => place.broken);
  const origins = [...new Set(searched.map(({ origin }) => origin))].join(", ");
  throw failedPrecondition(
    broken
      ? `libtensorflow was found (${broken.origin}) but cannot be loaded; \`salver doctor\` says why`
      : `libtensorflow was not found (looked at ${origins}); ${HOW_TO_INSTALL}`,
    searched,
  );
}
