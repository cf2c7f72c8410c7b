import type { Action, Phase, Snapshot, VersionPolicy } from "../version-policy.js";

export const phases: readonly Phase[] = ["new", "loading", "ready", "unloading", "done", "error"];

export type PolicyRun = {
  /** The states passed through, the first one included. */
  readonly states: readonly (readonly Snapshot[])[];
  readonly actions: readonly Action[];
};

const move = (versions: readonly Snapshot[], version: bigint, phase: Phase) =>
  versions.map((each) => (each.version === version ? { ...each, phase } : each));

/** What a manager does between actions: it forgets what was never begun, and takes up again what has come back. */
const tidy = (versions: readonly Snapshot[]) =>
  versions.map((each): Snapshot => {
    if (!each.aspired && each.phase === "new") return { ...each, phase: "done" };
    if (each.aspired && each.phase === "done") return { ...each, phase: "new" };
    return each;
  });

const finish = (versions: readonly Snapshot[], loads: (version: bigint) => boolean) =>
  versions.map((each): Snapshot => {
    if (each.phase === "loading") return { ...each, phase: loads(each.version) ? "ready" : "error" };
    if (each.phase === "unloading") return { ...each, phase: "done" };
    return each;
  });

/**
 * Lets `policy` decide, from `start` until nothing changes any more, in a world where `loads` says which versions can
 * be loaded. With `eager` off a load or unload ends only when the policy has no further action, so that as much as
 * possible is under way at once.
 * @throws Error when it does not come to rest, which for a lawful policy takes two actions a version at most
 */
export function simulatePolicy(
  policy: VersionPolicy,
  start: readonly Snapshot[],
  loads: (version: bigint) => boolean,
  eager = true,
): PolicyRun {
  let now = tidy(start);
  const states = [start, now];
  const actions: Action[] = [];
  for (let round = 0; round < 10 * (start.length + 1); round++) {
    const action = policy.next(now);
    if (action) {
      actions.push(action);
      now = move(now, action.version, action.kind === "load" ? "loading" : "unloading");
      states.push(now);
    }
    const before = now;
    if (eager || !action) now = tidy(finish(now, loads));
    states.push(now);
    if (!action && now.every((each, i) => each.phase === before[i]?.phase)) return { states, actions };
  }
  throw new Error(`the policy does not come to rest: ${actions.map((a) => `${a.kind} ${a.version}`).join(", ")}`);
}
