import type { Classes } from "../../../../../core/index.js";
import { CLOSE_LIST, COMMA, OPEN_LIST } from "../scan/chars.js";
import { SLICE, turn } from "../slices.js";
import { putFloat } from "./element.js";
import { createOutput, type Output, putAscii, putByte, written } from "./output.js";
import { putText } from "./text.js";

/** Puts one result into the list; the same for a float and for the classes of an example. */
export type PutResult<T> = (out: Output, result: T) => void;

export const putValue: PutResult<number> = putFloat;

/** `[["label", score], …]` */
export const putClasses: PutResult<Classes> = (out, classes) => {
  putByte(out, OPEN_LIST);
  for (const [i, { label, score }] of classes.entries()) {
    if (i > 0) putByte(out, COMMA);
    putByte(out, OPEN_LIST);
    putText(out, label);
    putByte(out, COMMA);
    putFloat(out, score);
    putByte(out, CLOSE_LIST);
  }
  putByte(out, CLOSE_LIST);
};

/** The answer to a classify or regress request: `{"results": […]}`. */
export async function writeResults<T>(results: Iterable<T>, put: PutResult<T>, signal: AbortSignal): Promise<Buffer> {
  const out = createOutput();
  let limit = SLICE;
  let first = true;
  putAscii(out, '{"results":[');
  for (const result of results) {
    if (!first) putByte(out, COMMA);
    first = false;
    put(out, result);
    if (out.length < limit) continue;
    await turn(signal);
    limit = out.length + SLICE;
  }
  putAscii(out, "]}\n");
  return written(out);
}
