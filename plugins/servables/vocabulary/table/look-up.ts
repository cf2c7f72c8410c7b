import { AHEAD, fetchCandidates, fetchSlots } from "./fetch.js";
import { hashOf } from "./hash.js";
import { indexOf, isAt, type Table } from "./table.js";

/** Tells `found` the index of each token from `from` to `to`, -1 for what the table lacks. */
export function lookUp(
  table: Table,
  tokens: readonly Uint8Array[],
  from: number,
  to: number,
  found: (at: number, index: number) => void,
): void {
  const most = Math.min(AHEAD, to - from);
  const hashes = new Uint32Array(most);
  const candidates = new Int32Array(most);
  for (let start = from; start < to; start += AHEAD) {
    const count = Math.min(AHEAD, to - start);
    for (let i = 0; i < count; i++) hashes[i] = hashOf(tokens[start + i]!, 0, tokens[start + i]!.length);
    fetchSlots(table.slots, hashes, count);
    fetchCandidates(table, hashes, candidates, count);
    for (let i = 0; i < count; i++) {
      const token = tokens[start + i]!;
      const candidate = candidates[i]!;
      const right = candidate < 0 || isAt(table, candidate, token);
      found(start + i, right ? candidate : indexOf(table, token, hashes[i]!));
    }
  }
}
