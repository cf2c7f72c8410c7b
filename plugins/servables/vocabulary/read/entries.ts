import { failedPrecondition, type ServingError } from "../../../../core/index.js";

/** The tokens of a file in its order. */
export type Entries = {
  /** The tokens end to end, in the very bytes of the file, which are no longer the file's then. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Where each token begins, and where the last one ends. */
  readonly offsets: Uint32Array<ArrayBuffer>;
  /** What the file gives as ids; absent where the order does. */
  readonly ids?: Float64Array<ArrayBuffer>;
  /** The line of a token, from 1. */
  readonly lineOf: (index: number) => number;
};

/** Says what is wrong with a line of a file, for whoever has to mend it. */
export type Complain = (line: number, what: string) => ServingError;

export const complaints =
  (name: string): Complain =>
  (line, what) =>
    failedPrecondition(`${name}, line ${line}: ${what}`);

/** A token in an error: as text, in quotes, cut where it is long. */
export function quoted(bytes: Uint8Array): string {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, 60)).toString();
  return JSON.stringify(bytes.length > 60 ? `${text}…` : text);
}

/** A typed array that grows. */
export function growing<A extends Uint32Array<ArrayBuffer> | Float64Array<ArrayBuffer>>(
  type: new (length: number) => A,
) {
  let values = new type(1024);
  let length = 0;
  return {
    push: (value: number) => {
      if (length === values.length) {
        const larger = new type(2 * length);
        larger.set(values);
        values = larger;
      }
      values[length++] = value;
    },
    /** Law: the last call. */
    done: () => values.slice(0, length) as A,
  };
}
