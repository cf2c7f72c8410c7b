import { AHEAD, fetchSlots, fetchTokens } from "./fetch.js";
import { hashOf } from "./hash.js";
import { indexOf, type Table } from "./table.js";

/** Tells `found` the index of each token from `from` to `to`, -1 for what the table lacks. */
export function lookUp(
  table: Table,
  tokens: readonly Uint8Array[],
  from: number,
  to: number,
  found: (at: number, index: number) => void,
): void {
  const hashes = new Uint32Array(Math.min(AHEAD, to - from));
  for (let start = from; start < to; start += AHEAD) {
    const end = Math.min(start + AHEAD, to);
    for (let i = start; i < end; i++) hashes[i - start] = hashOf(tokens[i]!, 0, tokens[i]!.length);
    if (end - start > 1) {
      fetchSlots(table.slots, hashes, end - start);
      fetchTokens(table, hashes, end - start);
    }
    for (let i = start; i < end; i++) found(i, indexOf(table, tokens[i]!, hashes[i - start]));
  }
}
