import { invalidArgument, type ServingError } from "../../../../../core/index.js";
import { CLOSE_LIST, CLOSE_OBJECT, COMMA, OPEN_LIST, OPEN_OBJECT, QUOTE } from "../scan/chars.js";
import { SLICE, turn } from "../slices.js";
import { textEnd } from "./text.js";

/** The lists around a value: `counts` before it by level, the value itself not among them; `sizes` as wanted, or -1. */
export type OpenLists = { readonly at: number; readonly sizes: readonly number[]; readonly counts: number[] };

/** Reads on to the end of all open lists and completes their counts. */
async function complete(json: Buffer, lists: OpenLists, signal: AbortSignal): Promise<void> {
  const { counts } = lists;
  let level = counts.length - 1;
  let nested = 0;
  let limit = lists.at + SLICE;
  for (let at = lists.at; level >= 0; at++) {
    if (at >= limit) {
      await turn(signal);
      limit = at + SLICE;
    }
    const char = json[at];
    if (char === QUOTE) at = textEnd(json, at + 1);
    else if (char === OPEN_LIST || char === OPEN_OBJECT) nested++;
    else if (char === CLOSE_LIST || char === CLOSE_OBJECT) {
      if (nested > 0) nested--;
      else (counts[level--] as number)++;
    } else if (char === COMMA && nested === 0) (counts[level] as number)++;
  }
}

/**
 * TensorFlow Serving compares the size of a list before it looks inside, so of several faults the outermost list of
 * wrong size is the one it names; found here only once something is wrong.
 */
export async function unequalList(
  json: Buffer,
  lists: OpenLists,
  signal: AbortSignal,
): Promise<ServingError | undefined> {
  if (!lists.counts.some((_, level) => (lists.sizes[level] as number) >= 0)) return undefined;
  await complete(json, lists, signal);
  for (const [level, count] of lists.counts.entries()) {
    const size = lists.sizes[level] as number;
    if (size >= 0 && count !== size) {
      return invalidArgument(`Encountered list at unexpected size: ${count} at level: ${level} expected size: ${size}`);
    }
  }
  return undefined;
}
