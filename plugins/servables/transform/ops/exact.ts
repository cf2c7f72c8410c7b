import { type Uint64, uint64 } from "../../../../formats/fingerprint/uint64.js";
import { bytesOf, type Column, type ColumnType, describeType, isInteger, type NumberColumn } from "../column.js";
import { bytesOfText } from "../text.js";
import { refuse } from "./op.js";

/** Strings or whole numbers: what stands for itself, and can be hashed and looked up. */
export function expectKeys(type: ColumnType): ColumnType {
  return type.dtype === "string" || isInteger(type)
    ? type
    : refuse(`expected strings or whole numbers, got ${describeType(type)}`);
}

/** Strings as they are; whole numbers in decimal digits, all of them. */
export function keysOf(column: Column): readonly Uint8Array[] {
  if (column.dtype === "string") return bytesOf(column);
  const { values } = column;
  const keys = new Array<Uint8Array>(values.length);
  for (let i = 0; i < keys.length; i++) keys[i] = bytesOfText(String(values[i]));
  return keys;
}

/** Whole numbers as 64 bits, below zero in two's complement. */
export function wordsOf({ values }: NumberColumn): (index: number) => Uint64 {
  if (values instanceof BigInt64Array) {
    const halves = new Int32Array(values.buffer, values.byteOffset, values.length * 2);
    return (i) => uint64(halves[2 * i + 1]!, halves[2 * i]!);
  }
  return (i) => uint64(Math.floor(values[i]! / 2 ** 32), values[i]!);
}
