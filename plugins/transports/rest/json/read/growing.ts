import { allocate, type TensorDataTypes } from "../../../../../core/index.js";

/** The types that JSON numbers and booleans are read into, but for 64-bit integers. */
export type ArrayDType = "float32" | "float64" | "int8" | "int16" | "int32" | "uint8" | "uint32" | "bool";

/** A typed array that grows as elements are read; `count` of its `items` are filled. */
export type ArrayOf<D extends ArrayDType | "int64" | "uint64" = ArrayDType> = {
  items: TensorDataTypes[D];
  count: number;
  /** Makes room for more; `at` is the offset of the element that found none. */
  grow(at: number): void;
};

const FIRST = 64;

/**
 * The capacity to grow to: as many as the rest of `json` holds if it goes on as it did, at least twice and at most
 * sixteen times what there was, and never more than there can be (an element takes two bytes, its comma included).
 */
function capacity(count: number, passed: number, left: number): number {
  const expected = count + Math.ceil((count * left * 1.05) / Math.max(passed, 1));
  const most = count + Math.ceil(left / 2) + 1;
  return Math.min(Math.max(Math.min(expected, count * 16), count * 2), most);
}

export function createArray<D extends ArrayDType | "int64" | "uint64">(json: Buffer, dtype: D): ArrayOf<D> {
  let first = -1;
  const array: ArrayOf<D> = {
    items: allocate(dtype, 0),
    count: 0,
    grow: (at) => {
      if (first < 0) first = at;
      const size = array.count === 0 ? FIRST : capacity(array.count, at - first, json.length - at);
      const wider = allocate(dtype, size);
      // One and the same type on both sides; the compiler cannot see that for a generic.
      (wider as Uint8Array).set(array.items as Uint8Array);
      array.items = wider;
    },
  };
  return array;
}
