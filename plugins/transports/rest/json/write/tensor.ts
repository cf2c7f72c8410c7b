import { CLOSE_LIST, COMMA, OPEN_LIST } from "../scan/chars.js";
import type { PutElement } from "./element.js";
import { type Output, putByte } from "./output.js";

/** Writes a tensor, or the part of it that starts at an element, as lists in lists; in slices. */
export interface TensorWriter {
  begin(element: number): void;
  /** Writes on until the end (true) or until `out` is longer than `limit` (false). */
  step(limit: number): boolean;
}

/** `shape` is that of the part to write. */
export function createTensorWriter(out: Output, put: PutElement, shape: readonly number[]): TensorWriter {
  // Lists inside an empty list are not there to be written.
  const empty = shape.indexOf(0);
  const dims = empty < 0 ? shape : shape.slice(0, empty + 1);
  // Items written in the open list of each level.
  const counts = new Array<number>(dims.length).fill(0);
  let level = 0;
  let element = 0;
  let done = false;

  /** Behind a value: closes the lists that are full; true when that was the last. */
  const advance = (): boolean => {
    while (level > 0) {
      const count = (counts[level - 1] as number) + 1;
      if (count < (dims[level - 1] as number)) {
        counts[level - 1] = count;
        putByte(out, COMMA);
        return false;
      }
      putByte(out, CLOSE_LIST);
      level--;
    }
    return true;
  };

  return {
    begin: (first) => {
      element = first;
      level = 0;
      done = false;
    },
    step: (limit) => {
      while (!done) {
        if (level < dims.length) {
          putByte(out, OPEN_LIST);
          if (dims[level] !== 0) {
            counts[level++] = 0;
            continue;
          }
          putByte(out, CLOSE_LIST);
        } else put(out, element++);
        done = advance();
        if (out.length >= limit) break;
      }
      return done;
    },
  };
}
