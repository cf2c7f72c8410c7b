import type { Entry } from "./entry.js";
import { peersOf } from "./unit.js";

/**
 * Whether a model, and those that go together with it, were sighted, and each aspired version can be reached, or has
 * failed, or is kept from it by what has settled.
 * @param asking models that wait for this answer, and are not asked again
 */
export function isSettled(
  name: string,
  entries: ReadonlyMap<string, Entry>,
  asking: ReadonlySet<string> = new Set(),
): boolean {
  const entry = entries.get(name);
  if (!entry) return false;
  const peers = peersOf(entry, entries.values());
  if (peers.some(({ seen }) => !seen)) return false;
  const others = new Set([...asking, name]);
  return [...entry.aspired.keys()].every((version) => {
    if (peers.some(({ live }) => live.get(version)?.phase === "error")) return true;
    const live = entry.live.get(version);
    if (live?.phase !== "ready") return false;
    if (live.published) return true;
    const { links } = live.loaded ?? {};
    // A code that is not OK: it is held back, until somebody changes something.
    if (!links) return live.code !== "OK";
    return links.specs.every(({ name }) => others.has(name) || isSettled(name, entries, others));
  });
}
