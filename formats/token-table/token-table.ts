import { hashBytes } from "./hash.js";
import type { Tokens } from "./tokens.js";

/**
 * A token table as it lies in memory, all of it shared: it can be posted to other threads, which read the same bytes.
 * About the tokens themselves plus 10 to 15 bytes each.
 */
export type TokenTableParts = Tokens & {
  /** Row + 1 by hash, with open addressing and linear probing; 0 is free. Its length is a power of two. */
  readonly slots: Int32Array;
};

/** Tokens by row, and rows by token. Immutable. */
export interface TokenTable {
  readonly size: number;
  /** Bytes of memory that it takes. */
  readonly byteLength: number;
  readonly parts: TokenTableParts;
  /** The row of the token that bytes `start` to `end` are; -1 when there is none. */
  find(bytes: Uint8Array, start?: number, end?: number): number;
  /** The token of `row`, in memory of its own. `row` must be one of the table's. */
  token(row: number): Uint8Array;
}

/** The fewest slots of which no more than two thirds are taken. */
function slotsFor(count: number): number {
  let slots = 16;
  while (2 * slots < 3 * count) slots *= 2;
  return slots;
}

function equals(table: Tokens, row: number, bytes: Uint8Array, start: number, end: number): boolean {
  const from = table.offsets[row]!;
  const length = end - start;
  if (table.offsets[row + 1]! - from !== length) return false;
  for (let i = 0; i < length; i++) if (table.bytes[from + i] !== bytes[start + i]) return false;
  return true;
}

/** The slot of a token: where its row stands, or the free one where it would. */
function slotOf(parts: TokenTableParts, bytes: Uint8Array, start: number, end: number): number {
  const { slots } = parts;
  const mask = slots.length - 1;
  for (let slot = hashBytes(bytes, start, end) & mask; ; slot = (slot + 1) & mask) {
    const entry = slots[slot]!;
    if (entry === 0 || equals(parts, entry - 1, bytes, start, end)) return slot;
  }
}

/**
 * Indexes `tokens`. A token that came before is told to `onDuplicate` with both rows: throw there to refuse it, return
 * to let `find` answer with its first row. Computes for about 100 ns a token: large ones are for a worker thread.
 */
export function buildTokenTable(tokens: Tokens, onDuplicate: (first: number, again: number) => void): TokenTable {
  const count = tokens.offsets.length - 1;
  const slots = new Int32Array(new SharedArrayBuffer(4 * slotsFor(count)));
  const parts: TokenTableParts = { bytes: tokens.bytes, offsets: tokens.offsets, slots };
  for (let row = 0; row < count; row++) {
    const slot = slotOf(parts, tokens.bytes, tokens.offsets[row]!, tokens.offsets[row + 1]!);
    const first = slots[slot]!;
    if (first === 0) slots[slot] = row + 1;
    else onDuplicate(first - 1, row);
  }
  return openTokenTable(parts);
}

/** A table over parts that another thread has built. */
export function openTokenTable(parts: TokenTableParts): TokenTable {
  const { bytes, offsets, slots } = parts;
  return {
    size: offsets.length - 1,
    byteLength: bytes.byteLength + offsets.byteLength + slots.byteLength,
    parts,
    find: (token, start = 0, end = token.length) => slots[slotOf(parts, token, start, end)]! - 1,
    token: (row) => bytes.slice(offsets[row]!, offsets[row + 1]!),
  };
}
