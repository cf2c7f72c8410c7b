import { invalidArgument, type Tensor, tensor } from "../../../../../core/index.js";
import type { HostOp } from "../host-op.js";
import { bytesOfText, stringOp, stringsOf } from "../strings.js";
import { blank, numbersOf } from "../tensors.js";

/** What becomes of bytes that are no UTF-8, and of numbers that are no characters. */
export type Mending = { readonly errors: "strict" | "replace" | "ignore"; readonly replacement: number };

type Point = { readonly point: number; readonly at: number };

const lenient = new TextDecoder("utf-8", { ignoreBOM: true });
const strict = new TextDecoder("utf-8", { ignoreBOM: true, fatal: true });

const isValid = (bytes: Uint8Array): boolean => {
  try {
    strict.decode(bytes);
    return true;
  } catch {
    return false;
  }
};

/** Code points and where each begins. Broken forms are one error for each longest piece that could have become one. */
function pointsOf(bytes: Uint8Array, { errors, replacement }: Mending): readonly Point[] {
  const valid = isValid(bytes);
  if (!valid && errors === "strict") throw invalidArgument("Invalid formatting on input string");
  const points: Point[] = [];
  let at = 0;
  for (const char of lenient.decode(bytes)) {
    const point = char.codePointAt(0)!;
    const length = point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
    if (valid || point !== 0xfffd || (bytes[at] === 0xef && bytes[at + 1] === 0xbf && bytes[at + 2] === 0xbd)) {
      points.push({ point, at });
      at += length;
      continue;
    }
    if (errors === "replace") points.push({ point: replacement, at });
    at += brokenLength(bytes, at);
  }
  return points;
}

/** The length of the broken form at `at`: as many bytes as a character could begin with. */
function brokenLength(bytes: Uint8Array, at: number): number {
  const first = bytes[at]!;
  const size = first < 0xc2 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : first < 0xf5 ? 4 : 1;
  const least = first === 0xe0 ? 0xa0 : first === 0xf0 ? 0x90 : 0x80;
  const most = first === 0xed ? 0x9f : first === 0xf4 ? 0x8f : 0xbf;
  let length = 1;
  while (length < size) {
    const byte = bytes[at + length];
    const [low, high] = length === 1 ? [least, most] : [0x80, 0xbf];
    if (byte === undefined || byte < low || byte > high) break;
    length++;
  }
  return length;
}

export type Decoded = Mending & { readonly splits: "int32" | "int64" };

/** UnicodeDecode and UnicodeDecodeWithOffsets: where rows begin and end, the code points, and where these begin. */
export const unicodeDecodeOp: HostOp<Decoded> = {
  name: "UnicodeDecode",
  open:
    (how) =>
    async ([given], pace): Promise<Tensor[]> => {
      const strings = stringsOf(given);
      const { tensor: splits, items } = blank(how.splits, [strings.length + 1]);
      const exact = how.splits === "int64" ? BigInt : Number;
      const points: number[] = [];
      const starts: number[] = [];
      await pace.each(strings.length, (i) => {
        for (const { point, at } of pointsOf(strings[i]!, how)) {
          points.push(point);
          starts.push(at);
        }
        items[i + 1] = exact(points.length);
      });
      const shape = [points.length];
      return [
        splits,
        tensor("int32", shape, Int32Array.from(points)),
        tensor("int64", shape, BigInt64Array.from(starts, BigInt)),
      ];
    },
};

/** UnicodeTranscode from UTF-8 to UTF-8: mends what is broken. */
export const unicodeTranscodeOp = stringOp<Mending>("UnicodeTranscode", (how) => (item) => {
  if (isValid(item)) return item;
  const points = pointsOf(item, how);
  return bytesOfText(points.map(({ point }) => String.fromCodePoint(point)).join(""));
});

const isCharacter = (point: number) => point >= 0 && point <= 0x10ffff && (point < 0xd800 || point > 0xdfff);

/** UnicodeEncode: code points, and where each row of them begins and ends. */
export const unicodeEncodeOp: HostOp<Mending> = {
  name: "UnicodeEncode",
  open:
    ({ errors, replacement }) =>
    async ([values, splits], pace) => {
      const points = values!.data as Int32Array;
      const bounds = numbersOf(splits);
      const rows = Math.max(0, bounds.length - 1);
      const { tensor: result, items } = blank("string", [rows]);
      await pace.each(rows, (row) => {
        const [from, to] = [bounds[row]!, bounds[row + 1]!];
        if (from > to || to > points.length || from < 0)
          throw invalidArgument("input_splits must be monotonically increasing");
        let text = "";
        for (let i = from; i < to; i++) {
          const point = points[i]!;
          if (isCharacter(point)) text += String.fromCodePoint(point);
          else if (errors === "strict")
            throw invalidArgument("Code point is out of range for Unicode, or a noncharacter.");
          else if (errors === "replace") text += String.fromCodePoint(replacement);
        }
        items[row] = bytesOfText(text);
      });
      return [result];
    },
};
