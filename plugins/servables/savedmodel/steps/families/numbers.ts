import { type DType, invalidArgument } from "../../../../../core/index.js";
import type { HostOp } from "../host-op.js";
import { bytesOfText, stringsOf, textOf } from "../strings.js";
import { blank, itemsOf } from "../tensors.js";

export type Printed = {
  /** Digits behind the point of floating point numbers. */
  readonly digits: number;
  /** The least number of characters; -1 for none. */
  readonly width: number;
  readonly fill: "" | "0" | "-";
};

/** C's %.nf, which rounds halves that are exact to the even digit. */
export function fixed(value: number, digits: number): string {
  if (Number.isNaN(value)) return "nan";
  const sign = value < 0 || Object.is(value, -0) ? "-" : "";
  const size = Math.abs(value);
  if (size === Number.POSITIVE_INFINITY) return `${sign}inf`;
  if (size >= 1e21) return `${sign}${BigInt(size)}${digits > 0 ? `.${"0".repeat(digits)}` : ""}`;
  const exact = size.toFixed(100);
  const end = exact.length - 100 + digits;
  const tie = /^50*$/.test(exact.slice(end));
  const rounded = size.toFixed(digits);
  if (!tie) return sign + rounded;
  // toFixed rounds halves up: below is the number without them.
  const below = digits === 0 ? exact.slice(0, end - 1) : exact.slice(0, end);
  return sign + (Number(below.at(-1)) % 2 === 0 ? below : rounded);
}

function padded(text: string, { width, fill }: Printed): string {
  if (text.length >= width) return text;
  if (fill === "-") return text.padEnd(width);
  if (fill === "" || !/\d/.test(text)) return text.padStart(width);
  const sign = text.startsWith("-") ? "-" : "";
  return sign + text.slice(sign.length).padStart(width - sign.length, "0");
}

/** AsString. */
export const asStringOp: HostOp<Printed> = {
  name: "AsString",
  open:
    (how) =>
    async ([given], pace) => {
      const { tensor: result, items } = blank("string", given!.shape);
      const numbers = itemsOf(given!);
      const floats = given!.dtype.startsWith("float");
      const write = (value: number | bigint): string => {
        if (given!.dtype === "bool") return value ? "true" : "false";
        return padded(floats ? fixed(value as number, how.digits) : String(value), how);
      };
      await pace.each(items.length, (i) => {
        items[i] = bytesOfText(write(numbers[i] as number | bigint));
      });
      return [result];
    },
};

const SPACE = "[ \\t\\n\\v\\f\\r]*";
const DECIMAL = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i;
const HEX = /^([+-]?)0x([0-9a-f]*)\.?([0-9a-f]*)(?:p([+-]?\d+))?$/i;
const SPECIAL = /^([+-]?)(inf(?:inity)?|nan(?:\(\w*\))?)$/i;
const TRIM = new RegExp(`^${SPACE}|${SPACE}$`, "g");
const LARGEST_EXACT_DIGITS = 13;

function float(text: string): number | undefined {
  if (DECIMAL.test(text)) return Number(text);
  const special = SPECIAL.exec(text);
  if (special) return special[2]![0]!.toLowerCase() === "n" ? Number.NaN : Number(`${special[1]}Infinity`);
  const [, sign, whole = "", fraction = "", exponent = "0"] = HEX.exec(text) ?? [];
  const digits = whole + fraction;
  if (sign === undefined || digits === "" || digits.length > LARGEST_EXACT_DIGITS) return undefined;
  return Number.parseInt(digits, 16) * 2 ** (Number(exponent) - 4 * fraction.length) * (sign === "-" ? -1 : 1);
}

function integer(text: string, bits: 32 | 64): bigint | undefined {
  if (!/^[+-]?\d+$/.test(text) || text.length > 1000) return undefined;
  const value = BigInt(text.replace("+", ""));
  return BigInt.asIntN(bits, value) === value ? value : undefined;
}

const parsers: Readonly<Partial<Record<DType, (text: string) => number | bigint | undefined>>> = {
  float32: float,
  float64: float,
  int32: (text) => {
    const value = integer(text, 32);
    return value === undefined ? undefined : Number(value);
  },
  int64: (text) => integer(text, 64),
};

/** StringToNumber. */
export const toNumberOp: HostOp<{ readonly dtype: DType }> = {
  name: "StringToNumber",
  open: ({ dtype }) => {
    const parse = parsers[dtype]!;
    return async ([given], pace) => {
      const strings = stringsOf(given);
      const { tensor: result, items } = blank(dtype, given!.shape);
      await pace.each(strings.length, (i) => {
        const text = textOf(strings[i]!);
        const value = parse(text.replace(TRIM, ""));
        if (value === undefined) {
          throw invalidArgument(`StringToNumberOp could not correctly convert string: ${text}`);
        }
        items[i] = value;
      });
      return [result];
    };
  },
};
export const parsedTypes: ReadonlySet<string> = new Set(Object.keys(parsers));
