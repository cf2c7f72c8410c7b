import type { BatchRecord } from "../batch-record.js";
import { failedPrecondition } from "../errors.js";
import type { VersionStatus } from "../frontend.js";
import type { Route } from "../lifecycle/routing-table.js";
import type { BatchLog } from "./batch-log.js";

/**
 * The batches that have run of these versions of a model, the newest first; none where there may be some.
 * @param versions those asked for, of which those in `routes` can be reached
 * @throws FAILED_PRECONDITION where there are none for a reason
 */
export function batchesOf(
  log: Pick<BatchLog, "of">,
  model: string,
  version: bigint | undefined,
  versions: readonly VersionStatus[],
  routes: ReadonlyMap<bigint, Route> | undefined,
): readonly BatchRecord[] {
  const told = log.of(model, version);
  if (told.length > 0) return told;
  const ready = versions.flatMap(({ version }) => routes?.get(version) ?? []);
  if (ready.length === 0) {
    const states = versions.map(({ version, state, message }) => `${version} is ${state}${message && `: ${message}`}`);
    throw failedPrecondition(`no version of "${model}" is AVAILABLE, so no batch runs: ${states.join("; ")}`);
  }
  if (ready.some(({ wrapped }) => wrapped)) return told;
  const names = ready.map(({ version }) => `${version}`).join(", ");
  throw failedPrecondition(
    `the model "${model}" has batching, and its batcher groups nothing of version ${names}, as "shared" does nothing ` +
      `without the version's perModelFile: see the log of the load`,
  );
}
