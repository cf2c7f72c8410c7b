import { addressOf, keepAlive, pointerSlot, writeMemory } from "../../native/index.js";
import { elementTypeOf } from "../element-types.js";
import type { Runtime } from "./runtime.js";
import { check } from "./status.js";

const STRING = elementTypeOf("string")!;

/**
 * A string tensor of its own memory. `FillStringTensor` takes C strings, all in one call, but ends each at its first NUL:
 * the few that contain one are written again with their length.
 */
export function createStringValue(runtime: Runtime, items: readonly Uint8Array[], shape: BigInt64Array): bigint {
  const { api, allocator } = runtime;
  const slot = pointerSlot();
  check(api, api.createTensor(allocator, shape, shape.length, STRING, slot));
  const value = slot[0]!;
  if (items.length === 0) return value;
  try {
    const { packed, addresses } = cStrings(items);
    check(api, api.fillStringTensor(value, addresses, items.length));
    keepAlive(packed, addresses);
    for (const [index, item] of items.entries()) {
      if (!item.includes(0)) continue;
      check(api, api.resizedStringElement(value, index, item.byteLength, slot));
      writeMemory(slot[0]!, item);
    }
    return value;
  } catch (error) {
    api.releaseValue(value);
    throw error;
  }
}

/** All items in one buffer, each followed by a NUL, and where each begins. */
function cStrings(items: readonly Uint8Array[]) {
  let size = 0;
  for (const item of items) size += item.byteLength + 1;
  const packed = new Uint8Array(size);
  const addresses = new BigUint64Array(items.length);
  const base = addressOf(packed);
  let offset = 0;
  for (const [index, item] of items.entries()) {
    addresses[index] = base + BigInt(offset);
    packed.set(item, offset);
    offset += item.byteLength + 1;
  }
  return { packed, addresses };
}

/** The items of a string tensor, as views of one buffer. */
export function readStrings({ api }: Runtime, value: bigint, count: number): Uint8Array[] {
  if (count === 0) return [];
  const slot = pointerSlot();
  check(api, api.getStringTensorDataLength(value, slot));
  const bytes = new Uint8Array(Number(slot[0]));
  const offsets = new BigUint64Array(count);
  check(api, api.getStringTensorContent(value, bytes.length > 0 ? bytes : slot, bytes.length, offsets, count));
  return Array.from(offsets, (start, index) =>
    bytes.subarray(Number(start), index + 1 < count ? Number(offsets[index + 1]) : bytes.length),
  );
}
