import { failedPrecondition } from "../../../../core/index.js";
import { type Complain, type Entries, quoted } from "../read/entries.js";
import { AHEAD, fetchSlots } from "./fetch.js";
import { hashOf } from "./hash.js";
import { indexBits, lowerBound, maskOf, placeOf, type Table, tagOf } from "./table.js";

const MOST_TOKENS = 2 ** 31 - 1;
/** Of the places this share is taken: fewer places make longer walks. */
const FILL = 0.75;

/**
 * The table of a file's tokens.
 * @throws FAILED_PRECONDITION for no tokens, and with both lines where a token or an id comes twice
 */
export function buildTable(entries: Entries, name: string, complain: Complain): Table {
  const size = entries.offsets.length - 1;
  if (size === 0) throw failedPrecondition(`${name} has no tokens`);
  if (size > MOST_TOKENS) throw failedPrecondition(`${name} has ${size} tokens; at most ${MOST_TOKENS} can be served`);
  const sorted = entries.ids?.slice().sort();
  if (entries.ids && sorted) refuseSameIds(entries.ids, sorted, entries, complain);
  const order = entries.ids && sorted ? orderOf(entries.ids, sorted) : undefined;
  const { bytes, offsets } = order ? inOrder(entries, order) : entries;
  const lineOf = order ? (index: number) => entries.lineOf(order[index]!) : entries.lineOf;
  const slots = fillSlots(bytes, offsets, lineOf, complain);
  const counted = sorted === undefined || (sorted[0] === 0 && sorted[size - 1] === size - 1);
  return { bytes, offsets, slots, ...(counted ? {} : { ids: sorted }) };
}

function refuseSameIds(ids: Float64Array, sorted: Float64Array, { lineOf }: Entries, complain: Complain): void {
  const at = sorted.findIndex((id, i) => id === sorted[i + 1]);
  if (at < 0) return;
  const first = ids.indexOf(sorted[at]!);
  const second = ids.indexOf(sorted[at]!, first + 1);
  throw complain(lineOf(second), `the id ${sorted[at]} was given on line ${lineOf(first)} already`);
}

/** For each place in the rising order of the ids the token's place in the file; undefined where they are the same. */
function orderOf(ids: Float64Array, sorted: Float64Array): Uint32Array | undefined {
  if (ids.every((id, i) => id === sorted[i])) return undefined;
  const order = new Uint32Array(ids.length);
  for (let i = 0; i < ids.length; i++) order[lowerBound(sorted, ids[i]!)] = i;
  return order;
}

function inOrder({ bytes, offsets }: Entries, order: Uint32Array): Pick<Table, "bytes" | "offsets"> {
  const ordered = new Uint8Array(offsets[order.length]!);
  const starts = new Uint32Array(offsets.length);
  let to = 0;
  for (let i = 0; i < order.length; i++) {
    const end = offsets[order[i]! + 1]!;
    for (let from = offsets[order[i]!]!; from < end; from++) ordered[to++] = bytes[from]!;
    starts[i + 1] = to;
  }
  return { bytes: ordered, offsets: starts };
}

function fillSlots(
  bytes: Uint8Array,
  offsets: Uint32Array,
  lineOf: (index: number) => number,
  complain: Complain,
): Uint32Array<ArrayBuffer> {
  const size = offsets.length - 1;
  const bits = indexBits(size);
  const mask = maskOf(bits);
  const slots = new Uint32Array(Math.ceil(size / FILL) + 1);
  const last = slots.length - 1;
  const same = (a: number, b: number): boolean => {
    const [from, other, length] = [offsets[a]!, offsets[b]!, offsets[a + 1]! - offsets[a]!];
    if (offsets[b + 1]! - other !== length) return false;
    let i = 0;
    while (i < length && bytes[from + i] === bytes[other + i]) i++;
    return i === length;
  };
  const refuse = (index: number, other: number) => {
    const [first, second] = [lineOf(other), lineOf(index)].sort((a, b) => a - b) as [number, number];
    const token = quoted(bytes.subarray(offsets[index]!, offsets[index + 1]!));
    return complain(second, `the token ${token} stands on line ${first} already`);
  };
  const insert = (index: number, hash: number) => {
    const tag = tagOf(hash, bits);
    let place = placeOf(hash, slots.length);
    for (let slot = slots[place]!; slot !== 0; slot = slots[place]!) {
      const other = (slot & mask) - 1;
      if (slot >>> bits === tag && same(index, other)) throw refuse(index, other);
      place = place === last ? 0 : place + 1;
    }
    slots[place] = ((tag << bits) | (index + 1)) >>> 0;
  };
  const hashes = new Uint32Array(AHEAD);
  for (let from = 0; from < size; from += AHEAD) {
    const to = Math.min(from + AHEAD, size);
    for (let i = from; i < to; i++) hashes[i - from] = hashOf(bytes, offsets[i]!, offsets[i + 1]!);
    fetchSlots(slots, hashes, to - from);
    for (let i = from; i < to; i++) insert(i, hashes[i - from]!);
  }
  return slots;
}
