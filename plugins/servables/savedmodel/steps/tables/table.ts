import type { DType, Tensor } from "../../../../../core/index.js";
import { blank, type Elements, itemsOf } from "../tensors.js";
import { findInteger, findString, halvesOf, indexIntegers, indexStrings, type Slots } from "./index-of.js";
import { type PackedStrings, packStrings, stringAt } from "./packed-strings.js";

/** A table's columns, as plain data that can be posted between threads. */
export type Table = {
  readonly keyType: DType;
  readonly valueType: DType;
  /** How many keys it has. */
  readonly count: number;
  readonly keys: PackedStrings | BigInt64Array;
  readonly slots: Slots;
  readonly values: PackedStrings | Tensor;
};

/** Two values for one key. */
export class ConflictError extends Error {}

const shown = (tensor: Tensor, index: number): string => {
  const item = tensor.data[index];
  return item instanceof Uint8Array ? new TextDecoder().decode(item) : String(item);
};

/**
 * @param last whether the last value of a key counts; else two that differ are refused
 * @throws ConflictError in TensorFlow's words
 */
export function createTable(keys: Tensor, values: Tensor, last: boolean): Table {
  const size = keys.data.length;
  // The place of the value that counts, for keys that come again.
  const moved = new Map<number, number>();
  let repeated = 0;
  const again = (first: number, second: number) => {
    repeated++;
    if (last) moved.set(first, second);
    else if (shown(values, first) !== shown(values, second)) {
      throw new ConflictError(
        `HashTable has different value for same key. Key ${shown(keys, first)} has ${shown(values, first)} and trying to ` +
          `add value ${shown(values, second)}`,
      );
    }
  };
  const items = itemsOf(values);
  const column = (): Tensor => {
    const { tensor, items: own } = blank(values.dtype, [size]);
    for (let i = 0; i < size; i++) own[i] = items[moved.get(i) ?? i]!;
    return tensor;
  };
  const finished = (index: Pick<Table, "keys" | "slots">): Table => {
    const own = column();
    const types = { keyType: keys.dtype, valueType: values.dtype };
    return { ...types, ...index, count: size - repeated, values: own.dtype === "string" ? packStrings(own.data) : own };
  };
  if (keys.dtype === "string") {
    const packed = packStrings(keys.data);
    return finished({ keys: packed, slots: indexStrings(packed, again) });
  }
  const integers = BigInt64Array.from(keys.data as BigInt64Array | Int32Array, BigInt);
  return finished({ keys: integers, slots: indexIntegers(integers, again) });
}

/** The place of each key, by its number; -1 where the table has none. */
export function finderOf({ keys, slots }: Table): (tensor: Tensor) => (index: number) => number {
  if (!(keys instanceof BigInt64Array)) {
    const find = findString(keys, slots);
    return ({ data }) => {
      const items = data as readonly Uint8Array[];
      return (i) => find(items[i]!);
    };
  }
  const find = findInteger(keys, slots);
  return ({ data }) => {
    if (data instanceof BigInt64Array) {
      const halves = halvesOf(data);
      return (i) => find(halves[2 * i]!, halves[2 * i + 1]!);
    }
    const items = data as Int32Array;
    return (i) => find(items[i]!, items[i]! >> 31);
  };
}

/** The values by their places. */
export function valuesOf({ values }: Table): (place: number) => Elements[number] {
  if ("offsets" in values) return (place) => stringAt(values, place);
  const items = itemsOf(values);
  return (place) => items[place]!;
}
