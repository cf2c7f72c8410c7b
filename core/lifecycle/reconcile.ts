import type { Phase, Snapshot, VersionPolicy } from "../version-policy.js";

/**
 * What the executor is to do with one version.
 * `track`: (begin to) know it, in phase `new`. `forget`: drop what is known. `cancel`: stop trying to load it.
 */
export type Step = {
  readonly kind: "track" | "forget" | "cancel" | "load" | "unload";
  readonly version: bigint;
};

const byVersion = (a: Snapshot, b: Snapshot) => (a.version < b.version ? -1 : a.version > b.version ? 1 : 0);

/**
 * The steps that bring the live versions of one model nearer to the aspired ones. Pure: the same arguments give the
 * same steps, and carrying them out and asking again ends with none.
 *
 * Laws, as in TensorFlow Serving: a version that failed is not tried again until it has left the aspired set and
 * come back; one that comes back while it winds down waits until it is done; ready aspired versions are never
 * touched; loads and unloads come from the policy alone, unloads first.
 */
export function reconcile(
  aspired: ReadonlySet<bigint>,
  live: ReadonlyMap<bigint, Phase>,
  policy: VersionPolicy,
): readonly Step[] {
  const steps: Step[] = [];
  const snapshots = new Map<bigint, Snapshot>();

  for (const [version, phase] of live) {
    if (aspired.has(version)) {
      if (phase === "done") steps.push({ kind: "track", version });
      snapshots.set(version, { version, aspired: true, phase: phase === "done" ? "new" : phase });
    } else if (phase === "new" || phase === "done" || phase === "error") {
      steps.push({ kind: "forget", version });
    } else {
      if (phase === "loading") steps.push({ kind: "cancel", version });
      snapshots.set(version, { version, aspired: false, phase });
    }
  }
  for (const version of aspired) {
    if (live.has(version)) continue;
    steps.push({ kind: "track", version });
    snapshots.set(version, { version, aspired: true, phase: "new" });
  }

  const actions: Step[] = [];
  // Each action moves one version out of `new` or `ready`, so the policy is asked at most once a version.
  for (let i = 0; i < snapshots.size; i++) {
    const action = policy.next([...snapshots.values()].sort(byVersion));
    if (action === undefined) break;
    const before = snapshots.get(action.version);
    const legal =
      action.kind === "load" ? before?.phase === "new" && before.aspired : before?.phase === "ready" && !before.aspired;
    if (!before || !legal) {
      throw new Error(
        `the version policy asked to ${action.kind} version ${action.version}, which is ${before?.phase}`,
      );
    }
    snapshots.set(action.version, { ...before, phase: action.kind === "load" ? "loading" : "unloading" });
    actions.push(action);
  }
  const unloadsFirst = (a: Step, b: Step) => Number(a.kind === "load") - Number(b.kind === "load");
  return [...steps, ...actions.sort(unloadsFirst)];
}
