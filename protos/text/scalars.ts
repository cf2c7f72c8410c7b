import { type DescEnum, ScalarType } from "@bufbuild/protobuf";
import { hint } from "../../core/index.js";
import { type Cursor, shown } from "./cursor.js";

export type Scalar = string | boolean | number | bigint | Uint8Array;
type Range = { readonly min: bigint; readonly max: bigint; readonly name: string };

const range = (name: string, min: bigint, max: bigint): Range => ({ name, min, max });
const int32 = range("an int32", -(2n ** 31n), 2n ** 31n - 1n);
const int64 = range("an int64", -(2n ** 63n), 2n ** 63n - 1n);
const uint32 = range("a uint32", 0n, 2n ** 32n - 1n);
const uint64 = range("a uint64", 0n, 2n ** 64n - 1n);

const booleans: Readonly<Record<string, boolean>> = {
  true: true,
  True: true,
  t: true,
  "1": true,
  false: false,
  False: false,
  f: false,
  "0": false,
};

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** The value of a scalar field, checked against its type. 64-bit integers are bigints. @throws TextError */
export function readScalar(cursor: Cursor, type: ScalarType): Scalar {
  switch (type) {
    case ScalarType.STRING:
      return readString(cursor);
    case ScalarType.BYTES:
      return readBytes(cursor);
    case ScalarType.BOOL:
      return readBoolean(cursor);
    case ScalarType.DOUBLE:
    case ScalarType.FLOAT:
      return readFloat(cursor, type === ScalarType.FLOAT);
    case ScalarType.INT32:
    case ScalarType.SINT32:
    case ScalarType.SFIXED32:
      return Number(readInteger(cursor, int32));
    case ScalarType.UINT32:
    case ScalarType.FIXED32:
      return Number(readInteger(cursor, uint32));
    case ScalarType.INT64:
    case ScalarType.SINT64:
    case ScalarType.SFIXED64:
      return readInteger(cursor, int64);
    default:
      return readInteger(cursor, uint64);
  }
}

/** An enum value by its name or its number; a number need not be a known one. @throws TextError */
export function readEnum(cursor: Cursor, { values, name }: DescEnum): number {
  const token = cursor.peek();
  if (token.kind !== "name") return Number(readInteger(cursor, { ...int32, name: `a value of ${name}` }));
  const known = values.find((value) => value.name === token.text);
  const names = values.map((value) => value.name);
  if (!known) return cursor.fail(token.at, `"${token.text}" is no value of ${name}${hint(token.text, names)}`);
  cursor.next();
  return known.number;
}

function readBytes(cursor: Cursor): Uint8Array {
  const parts: Uint8Array[] = [];
  for (let token = cursor.peek(); token.kind === "string"; token = cursor.peek()) {
    parts.push(token.bytes);
    cursor.next();
  }
  if (parts.length === 0)
    return cursor.fail(cursor.peek().at, `expected a string in quotes, got ${shown(cursor.peek())}`);
  return parts.length === 1 ? parts[0]! : new Uint8Array(Buffer.concat(parts));
}

function readString(cursor: Cursor): string {
  const { at } = cursor.peek();
  const bytes = readBytes(cursor);
  try {
    return decoder.decode(bytes);
  } catch {
    return cursor.fail(at, "the string is not valid UTF-8");
  }
}

function readBoolean(cursor: Cursor): boolean {
  const token = cursor.peek();
  const plain = token.kind === "name" || token.kind === "integer";
  // 0x1 and 01 are ones as well.
  const text = token.kind === "integer" ? String(integerOf(token.text)) : token.text;
  const value = plain && Object.hasOwn(booleans, text) ? booleans[text] : undefined;
  if (value === undefined) return cursor.fail(token.at, `expected true or false, got ${shown(token)}`);
  cursor.next();
  return value;
}

function readInteger(cursor: Cursor, { min, max, name }: Range): bigint {
  const { at } = cursor.peek();
  const sign = cursor.skip("-") ? -1n : 1n;
  const token = cursor.peek();
  if (token.kind !== "integer") return cursor.fail(token.at, `expected ${name}, got ${shown(token)}`);
  const value = token.text.length > 40 ? max + 1n : sign * integerOf(token.text);
  if (value < min || value > max) {
    return cursor.fail(at, `${sign < 0n ? "-" : ""}${shown(token).replaceAll('"', "")} is not in the range of ${name}`);
  }
  cursor.next();
  return value;
}

function integerOf(text: string): bigint {
  return /^0[0-7]+$/.test(text) ? BigInt(`0o${text.slice(1)}`) : BigInt(text);
}

function readFloat(cursor: Cursor, single: boolean): number {
  const sign = cursor.skip("-") ? -1 : 1;
  const token = cursor.peek();
  const value = token.kind === "name" ? named(token.text) : numberOf(token.kind, token.text);
  if (value === undefined) return cursor.fail(token.at, `expected a decimal number, got ${shown(token)}`);
  cursor.next();
  return sign * (single ? Math.fround(value) : value);
}

function named(text: string): number | undefined {
  const word = text.toLowerCase();
  if (word === "nan") return Number.NaN;
  return word === "inf" || word === "infinity" ? Number.POSITIVE_INFINITY : undefined;
}

function numberOf(kind: string, text: string): number | undefined {
  if (kind === "float") return Number(text.replace(/[fF]$/, ""));
  return kind === "integer" && /^(?:0|[1-9]\d*)$/.test(text) ? Number(text) : undefined;
}
