import type { Artifact } from "../source.js";
import type { Entry } from "./entry.js";
import { chooseVersions } from "./version-choice.js";

/** Models whose versions come and go together: a group, or one model that is in none. */
export type Unit = { readonly name: string; readonly members: readonly Entry[] };

/** Those whose versions an entry's go with, once all of them have been seen: itself among them. */
export function peersOf(entry: Entry, entries: Iterable<Entry>): readonly Entry[] {
  const { group } = entry.model;
  if (group === undefined || entry.removed) return [entry];
  return [...entries].filter((each) => each.model.group === group && !each.removed);
}

/** The units of now: members of a group that have yet to be aspired together are by themselves. */
export function unitsOf(entries: Iterable<Entry>): readonly Unit[] {
  const groups = new Map<string, Entry[]>();
  const units: Unit[] = [];
  for (const entry of entries) {
    const { name, group } = entry.model;
    const known = entry.joined && group !== undefined ? groups.get(group) : undefined;
    if (known) {
      known.push(entry);
      continue;
    }
    const members = [entry];
    units.push({ name: entry.joined && group !== undefined ? group : name, members });
    if (entry.joined && group !== undefined) groups.set(group, members);
  }
  return units;
}

/**
 * What should live, from what was seen of models that go together: the version of a number exists when all of them have
 * it. Absent when what is aspired is to stay as it is: a model was not seen yet; or each has versions and none in common,
 * as while the files of the next one are being exchanged; or nothing is to be had at the new place of a model that was
 * repointed, which is no reason to give up the old one.
 */
export function aspirations(peers: readonly Entry[]): readonly ReadonlyMap<bigint, Artifact>[] | undefined {
  const seen = peers.map(({ seen }) => seen && new Map(seen.map((artifact) => [artifact.version, artifact])));
  const known = seen.filter((versions) => versions !== undefined);
  const [first, ...others] = known;
  if (!first || known.length < peers.length) return undefined;
  const common = [...first.keys()].filter((version) => others.every((versions) => versions.has(version)));
  if (common.length === 0 && known.every(({ size }) => size > 0)) return undefined;
  const [{ model }] = peers as [Entry];
  const chosen = chooseVersions(model.versions, common);
  if (chosen.length === 0 && peers.some(({ repointed }) => repointed)) return undefined;
  return known.map((versions) => new Map(chosen.map((version) => [version, versions.get(version) as Artifact])));
}

/** What keeps versions that some have from being aspired: `words, ctr lack 2`; "" where all have the same. */
export function lacking(peers: readonly Entry[]): string {
  const seen = peers.map(({ model, seen = [] }) => ({
    name: model.name,
    versions: seen.map(({ version }) => version),
  }));
  const all = [...new Set(seen.flatMap(({ versions }) => versions))].sort((a, b) => (a < b ? -1 : 1));
  return all
    .flatMap((version) => {
      const without = seen.flatMap(({ name, versions }) => (versions.includes(version) ? [] : [name]));
      return without.length === 0 ? [] : [`${version} is not there for ${without.join(", ")}`];
    })
    .join("; ");
}

/** Why a version of a group cannot be had although nothing is wrong with this member's; "" where that is not so. */
export function failedPeers({ name, members }: Unit, entry: Entry, version: bigint): string {
  if (!entry.aspired.has(version)) return "";
  const failed = members.flatMap(({ model, live }) => {
    const { phase, code, message } = live.get(version) ?? {};
    return phase === "error" && live !== entry.live ? [`${model.name}: ${code}: ${message}`] : [];
  });
  return failed.length === 0
    ? ""
    : `version ${version} of the group ${name} cannot be had, for that of ${failed.join("; ")}`;
}
