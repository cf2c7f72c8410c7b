import { type Tensor, type TensorOf, tensor } from "../../../../core/index.js";
import type { HostOp, Kernel } from "./host-op.js";

export const EMPTY = new Uint8Array();

const decoder = new TextDecoder();
const encoder = new TextEncoder();
/** As UTF-8, with U+FFFD for what is none. */
export const textOf = (bytes: Uint8Array): string => decoder.decode(bytes);
export const bytesOfText = (text: string): Uint8Array => encoder.encode(text);

export const stringsOf = (given: Tensor | undefined): readonly Uint8Array[] => (given as TensorOf<"string">).data;

/** A kernel that makes of each string another one. */
export const eachString =
  (change: (item: Uint8Array) => Uint8Array): Kernel =>
  async ([given], pace) => {
    const items = stringsOf(given);
    const changed = new Array<Uint8Array>(items.length);
    await pace.each(items.length, (i) => {
      changed[i] = change(items[i]!);
    });
    return [tensor("string", given!.shape, changed)];
  };

/** A host operator that makes of each string another one. */
export const stringOp = <A>(name: string, open: (attributes: A) => (item: Uint8Array) => Uint8Array): HostOp<A> => ({
  name,
  open: (attributes) => eachString(open(attributes)),
});

export function joined(parts: readonly Uint8Array[], separator: Uint8Array = EMPTY): Uint8Array {
  let size = Math.max(0, parts.length - 1) * separator.length;
  for (const part of parts) size += part.length;
  const bytes = new Uint8Array(size);
  let at = 0;
  for (const [i, part] of parts.entries()) {
    if (i > 0) {
      bytes.set(separator, at);
      at += separator.length;
    }
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

/** C's isspace: the ASCII whitespace. */
export const isSpace = (byte: number | undefined): boolean =>
  byte !== undefined && (byte === 32 || (byte >= 9 && byte <= 13));

/** A byte in the middle of a UTF-8 character. */
export const isTrail = (byte: number | undefined): boolean => byte !== undefined && (byte & 0xc0) === 0x80;
