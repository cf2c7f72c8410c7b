import { dataLoss } from "../../core/index.js";

/** A place in a block of the index or in a string tensor. */
export type Cursor = { readonly bytes: Uint8Array; pos: number; readonly end: number };

/**
 * The next LEB128 number.
 * @throws DATA_LOSS when the bytes end inside it or a JavaScript number cannot hold it exactly
 */
export function readVarint(cursor: Cursor, what: string): number {
  let value = 0;
  let scale = 1;
  while (cursor.pos < cursor.end) {
    const byte = cursor.bytes[cursor.pos++]!;
    value += (byte & 0x7f) * scale;
    if (value > Number.MAX_SAFE_INTEGER) break;
    if (byte < 0x80) return value;
    scale *= 128;
  }
  throw dataLoss(`${what} is damaged: a length at byte ${cursor.pos} cannot be read`);
}
