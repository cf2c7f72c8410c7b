import type { Field } from "./static-table.js";

/** RFC 7541, section 4.1: what a field counts beside its bytes. */
const OVERHEAD = 32;

export const sizeOf = ({ name, value }: Field): number => name.length + value.length + OVERHEAD;

export interface DynamicTable {
  readonly length: number;
  readonly capacity: number;
  /** The field that was added `index` fields ago, 0 for the last. */
  at(index: number): Field | undefined;
  /** Drops the oldest fields until it fits; one larger than the table empties it. */
  add(field: Field): void;
  resize(capacity: number): void;
}

/** @param capacity in the bytes that RFC 7541 counts */
export function createDynamicTable(capacity: number): DynamicTable {
  // A ring: the newest is at `newest`. Its room doubles as it is needed; no field counts less than OVERHEAD.
  let ring: (Field | undefined)[] = new Array(16);
  let newest = 0;
  let length = 0;
  let size = 0;
  let limit = capacity;

  function evict(until: number): void {
    while (size > until) {
      const oldest = (newest - length + 1 + ring.length) % ring.length;
      size -= sizeOf(ring[oldest]!);
      ring[oldest] = undefined;
      length--;
    }
  }

  function grow(): void {
    const wider: (Field | undefined)[] = new Array(ring.length * 2);
    for (let i = 0; i < length; i++) wider[length - 1 - i] = ring[(newest - i + ring.length) % ring.length];
    ring = wider;
    newest = length - 1;
  }

  return {
    get length() {
      return length;
    },
    get capacity() {
      return limit;
    },
    at: (index) => (index < length ? ring[(newest - index + ring.length) % ring.length] : undefined),
    add: (field) => {
      const own = sizeOf(field);
      evict(Math.max(0, limit - own));
      if (own > limit) return;
      if (length === ring.length) grow();
      newest = (newest + 1) % ring.length;
      ring[newest] = field;
      length++;
      size += own;
    },
    resize: (next) => {
      limit = next;
      evict(limit);
    },
  };
}
