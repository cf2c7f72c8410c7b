import type { VersionEvent } from "../../../core/index.js";

/** Ended versions of one model whose series are still shown: a last scrape must see what they came to. */
const KEPT = 10;

/** Listens to version events and names versions whose series may go: those after whose end ten others ended. */
export function retirement(retire: (model: string, version: bigint) => void): (event: VersionEvent) => void {
  const ended = new Map<string, Set<bigint>>();
  return ({ model, version, state }) => {
    const versions = ended.get(model) ?? new Set();
    ended.set(model, versions);
    versions.delete(version);
    if (state !== "END") return;
    versions.add(version);
    const [oldest] = versions;
    if (versions.size <= KEPT || oldest === undefined) return;
    versions.delete(oldest);
    retire(model, oldest);
  };
}
