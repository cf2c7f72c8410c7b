import type { Phase, VersionPolicy } from "../version-policy.js";
import { reconcile, type Step } from "./reconcile.js";

/** Where one version of one model stands. `published`: requests can reach it. */
export type Standing = { readonly phase: Phase; readonly published: boolean };
export type Standings = ReadonlyMap<bigint, Standing>;

/** A step for the model at place `member`. */
export type MemberStep = Step & { readonly member: number };
type Kind = Step["kind"];
type Which = (standing: Standing | undefined) => boolean;

const is =
  (...phases: readonly Phase[]): Which =>
  (standing) =>
    standing !== undefined && phases.includes(standing.phase);
const absent: Which = (standing) => standing === undefined || standing.phase === "done";
const unused = is("new", "done", "error");
const serving: Which = (standing) => standing?.phase === "ready" && standing.published;
const idle: Which = (standing) => standing?.phase === "ready" && !standing.published;

/** Whose step it is when a version as a whole is to take it. */
const taking: Readonly<Record<Kind, Which>> = {
  track: absent,
  forget: unused,
  cancel: is("loading"),
  load: (standing) => absent(standing) || is("new")(standing),
  unload: is("ready"),
};

type Whole = {
  /** As `reconcile` and the policy see it; absent when no member knows it. */
  readonly phase: Phase | undefined;
  /** Steps beside those for the whole. */
  readonly apart: readonly (readonly [Kind, Which])[];
  /** Serves in some members only: they came to the group with it. */
  readonly straggles?: boolean;
};

/**
 * A version that is wanted. It is ready once requests can reach it, so that what is to be replaced stays until then.
 * When one member's load failed, what the others have of it is given back: the group cannot go there.
 */
function wanted(standings: readonly (Standing | undefined)[]): Whole {
  const some = (which: Which) => standings.some(which);
  if (some(is("error"))) {
    const apart = [
      ["unload", idle] as const,
      ["cancel", is("loading")] as const,
      ["forget", is("new", "done")] as const,
    ];
    return { phase: "error", apart };
  }
  if (standings.every(is("ready"))) return { phase: standings.every(serving) ? "ready" : "loading", apart: [] };
  if (standings.every(absent)) return { phase: some(is("done")) ? "done" : undefined, apart: [] };
  if (some(taking.load)) return { phase: "new", apart: [["track", absent]] };
  return { phase: some(is("loading")) ? "loading" : "unloading", apart: [] };
}

/** A version that is not wanted any more; what never came to serve goes without asking the policy. */
function leftover(standings: readonly (Standing | undefined)[]): Whole {
  if (standings.every(serving)) return { phase: "ready", apart: [] };
  const some = (which: Which) => standings.some(which);
  const apart = [["unload", idle] as const, ["forget", unused] as const];
  if (some(serving)) return { phase: undefined, apart: [...apart, ["cancel", is("loading")]], straggles: true };
  if (some(is("loading"))) return { phase: "loading", apart };
  if (some(is("ready", "unloading"))) return { phase: "unloading", apart };
  return { phase: "done", apart: [] };
}

/**
 * The steps that bring a group of models nearer to the aspired versions, as `reconcile` does for one model, and for a
 * group of one the same. Pure.
 *
 * Laws: the policy sees versions of the group as if they were versions of one model, so a version is begun, and given
 * up, in all members at once; it counts as ready only when all members have published it, and as failed when one has
 * failed. Versions that members serve from before they were grouped count, all together, as one that is left over.
 */
export function reconcileGroup(
  aspired: ReadonlySet<bigint>,
  members: readonly Standings[],
  policy: VersionPolicy,
): readonly MemberStep[] {
  const steps: MemberStep[] = [];
  const live = new Map<bigint, Phase>();
  const stragglers: bigint[] = [];
  const add = (kind: Kind, version: bigint, which: Which) => {
    for (const [member, standings] of members.entries()) {
      const known = (step: MemberStep) => step.kind === kind && step.version === version && step.member === member;
      if (which(standings.get(version)) && !steps.some(known)) steps.push({ kind, version, member });
    }
  };

  for (const version of new Set([...aspired, ...members.flatMap((standings) => [...standings.keys()])])) {
    const standings = members.map((member) => member.get(version));
    const { phase, apart, straggles } = aspired.has(version) ? wanted(standings) : leftover(standings);
    for (const [kind, which] of apart) add(kind, version, which);
    if (phase !== undefined) live.set(version, phase);
    if (straggles) stragglers.push(version);
  }
  const straggler = stragglers.reduce<bigint | undefined>((a, b) => (a !== undefined && a > b ? a : b), undefined);
  if (straggler !== undefined) live.set(straggler, "ready");

  for (const { kind, version } of reconcile(aspired, live, policy)) {
    if (kind !== "unload" || version !== straggler) add(kind, version, taking[kind]);
    else for (const each of stragglers) add("unload", each, serving);
  }
  const rank = { track: 0, forget: 0, cancel: 0, unload: 1, load: 2 } as const;
  return steps.sort((a, b) => rank[a.kind] - rank[b.kind]);
}
