import type { VersionState } from "../frontend.js";
import type { Phase } from "../version-policy.js";

/** The public state of a version in each phase; a failed version and an unloaded one are both END. */
export const stateOf: Readonly<Record<Phase, VersionState>> = {
  new: "START",
  loading: "LOADING",
  ready: "AVAILABLE",
  unloading: "UNLOADING",
  done: "END",
  error: "END",
};
