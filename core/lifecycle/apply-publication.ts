import type { CodeName } from "../errors.js";
import type { Entry } from "./entry.js";
import type { LiveVersion } from "./live-version.js";
import type { Publication } from "./publication.js";
import type { Unit } from "./unit.js";

/** A version whose standing is another than before. */
export type Change = {
  readonly entry: Entry;
  readonly live: LiveVersion;
  /** It came to be reachable, or no longer is, or is kept from it for another reason. */
  readonly kind: "published" | "withdrawn" | "refused";
};
type Reason = { readonly code: CodeName; readonly message: string };
const none: Reason = { code: "OK", message: "" };

/** Why a version that is loaded cannot be reached. A code says that it takes somebody to change it. */
function reasonOf(
  unit: Unit,
  live: LiveVersion,
  { misfits, heldBack }: Publication,
  settled: (model: string) => boolean,
): Reason {
  const misfit = misfits.get(live);
  if (misfit) {
    const { code, message } = misfit;
    return { code: live.loaded?.links?.specs.every(({ name }) => settled(name)) ? code : "OK", message };
  }
  const waiting = unit.members.filter((each) => each.live.get(live.version)?.phase !== "ready");
  if (waiting.length > 0) {
    const names = waiting.map(({ model }) => model.name).join(", ");
    return { code: "OK", message: `loaded; waits for ${names} of the group ${unit.name}` };
  }
  const loss = heldBack.get(unit);
  if (!loss) return none;
  const message = `held back, for the model ${loss.model} could not work with it: ${loss.misfit.message}`;
  return { code: "FAILED_PRECONDITION", message };
}

/** Tells the versions what has become of them, and those that call others which these are. */
export function applyPublication(
  units: readonly Unit[],
  publication: Publication,
  settled: (model: string) => boolean,
): readonly Change[] {
  const changes: Change[] = [];
  for (const unit of units) {
    for (const entry of unit.members) {
      const reachable = publication.routes.get(entry.model.name)?.versions;
      for (const live of entry.live.values()) {
        if (live.phase !== "ready") continue;
        const before = { published: live.published, code: live.code, message: live.message };
        live.published = reachable?.has(live.version) ?? false;
        Object.assign(live, live.published ? none : reasonOf(unit, live, publication, settled));
        if (live.published !== before.published) {
          changes.push({ entry, live, kind: live.published ? "published" : "withdrawn" });
        } else if (live.code !== "OK" && (live.code !== before.code || live.message !== before.message)) {
          changes.push({ entry, live, kind: "refused" });
        }
      }
    }
  }
  return changes;
}
