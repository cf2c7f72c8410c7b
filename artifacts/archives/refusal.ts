import { dataLoss, invalidArgument, type ServingError } from "../../core/index.js";

const shownLength = 120;

/** A name out of a stranger's archive or list, fit for a log: what cannot be seen is spelled out, and it ends somewhere. */
export function shown(name: string): string {
  const visible = [...name.slice(0, shownLength)].map((each) =>
    /[\p{C}\p{Zl}\p{Zp}"\\]/u.test(each) ? `\\u{${each.codePointAt(0)?.toString(16)}}` : each,
  );
  return `"${visible.join("")}${name.length > shownLength ? "…" : ""}"`;
}

export const refusedEntry = (name: string, why: string, cause?: unknown): ServingError =>
  invalidArgument(`the archive's entry ${shown(name)} ${why}`, cause);

export const refusedArchive = (why: string, cause?: unknown): ServingError =>
  invalidArgument(`the archive ${why}`, cause);

/** Of bytes that nobody has packed so: something went wrong on their way, or at their place. */
export const damagedArchive = (why: string, cause?: unknown): ServingError => dataLoss(`the archive ${why}`, cause);
