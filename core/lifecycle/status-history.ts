import { notFound } from "../errors.js";
import type { VersionStatus } from "../frontend.js";

export const noVersions = (model: string) => notFound(`Could not find any versions of model ${model}`);

/** The last states of versions that are gone, also of models that are; status answers with them, as TensorFlow Serving does. */
export interface StatusHistory {
  remember(model: string, status: VersionStatus): void;
  /** The version is back: its status is its own again. */
  forget(model: string, version: bigint): void;
  of(model: string): readonly VersionStatus[];
}

// What is published every minute must not grow the status for ever: the lowest versions go first, and the models
// that have been still for longest.
const versionsKept = 100;
const modelsKept = 1000;

export function createStatusHistory(): StatusHistory {
  const models = new Map<string, Map<bigint, VersionStatus>>();
  return {
    remember: (model, status) => {
      const past = models.get(model) ?? new Map<bigint, VersionStatus>();
      models.delete(model);
      models.set(model, past.set(status.version, status));
      if (past.size > versionsKept) past.delete(lowest(past.keys()));
      if (models.size > modelsKept) models.delete(models.keys().next().value as string);
    },
    forget: (model, version) => {
      models.get(model)?.delete(version);
    },
    of: (model) => [...(models.get(model)?.values() ?? [])],
  };
}

function lowest(versions: Iterable<bigint>): bigint {
  const [first = 0n, ...others] = versions;
  let found = first;
  for (const version of others) if (version < found) found = version;
  return found;
}
