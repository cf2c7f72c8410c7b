import { invalidArgument, tensor } from "../../../../../core/index.js";
import type { HostOp, Kernel } from "../host-op.js";
import { EMPTY, isSpace, joined, stringsOf } from "../strings.js";
import { blank, numbersOf } from "../tensors.js";

/** Where `wanted` begins in `text`, at or behind `from`; -1 when nowhere. */
const indexOf = (text: Uint8Array, wanted: Uint8Array, from: number): number =>
  wanted.length === 1
    ? text.indexOf(wanted[0]!, from)
    : Buffer.from(text.buffer, text.byteOffset, text.length).indexOf(wanted, from);

function atSpaces(text: Uint8Array, most: number): Uint8Array[] {
  const parts: Uint8Array[] = [];
  let at = 0;
  const skip = () => {
    while (at < text.length && isSpace(text[at])) at++;
  };
  for (skip(); at < text.length; skip()) {
    if (parts.length === most) return [...parts, text.subarray(at)];
    const from = at;
    while (at < text.length && !isSpace(text[at])) at++;
    parts.push(text.subarray(from, at));
  }
  // What is left behind the last cut is a part, even when nothing is.
  return parts.length === most ? [...parts, EMPTY] : parts;
}

function atSeparator(text: Uint8Array, separator: Uint8Array, most: number): Uint8Array[] {
  const parts: Uint8Array[] = [];
  let from = 0;
  while (parts.length !== most) {
    const found = indexOf(text, separator, from);
    if (found < 0) break;
    parts.push(text.subarray(from, found));
    from = found + separator.length;
  }
  return [...parts, text.subarray(from)];
}

/** Python's str.split: at whitespace where the separator is empty; `most` cuts, all where negative. */
export function splitLikePython(text: Uint8Array, separator: Uint8Array, most: number): Uint8Array[] {
  if (most === 0) return [text];
  return separator.length === 0 ? atSpaces(text, most) : atSeparator(text, separator, most);
}

/** At each byte that is one of these; into single bytes where there are none. */
function splitAtAny(text: Uint8Array, delimiters: Uint8Array, skipEmpty: boolean): Uint8Array[] {
  if (delimiters.length === 0) return Array.from(text, (_, i) => text.subarray(i, i + 1));
  if (text.length === 0) return [];
  const parts: Uint8Array[] = [];
  let from = 0;
  for (let at = 0; at <= text.length; at++) {
    if (at < text.length && !delimiters.includes(text[at]!)) continue;
    if (at > from || !skipEmpty) parts.push(text.subarray(from, at));
    from = at + 1;
  }
  return parts;
}

/** Splits each string; the parts are a sparse tensor: indices, values and shape. */
const splitting =
  (split: (text: Uint8Array, by: Uint8Array) => Uint8Array[]): Kernel =>
  async ([given, by], pace) => {
    const strings = stringsOf(given);
    const separator = stringsOf(by)[0] ?? EMPTY;
    const values: Uint8Array[] = [];
    const counts = new Int32Array(strings.length);
    let most = 0;
    await pace.each(strings.length, (row) => {
      const parts = split(strings[row]!, separator);
      for (const part of parts) values.push(part);
      counts[row] = parts.length;
      most = Math.max(most, parts.length);
    });
    const { tensor: indices } = blank("int64", [values.length, 2]);
    // The low halves of the numbers, which are never large.
    const halves = new Int32Array((indices.data as BigInt64Array).buffer);
    let at = 0;
    await pace.each(strings.length, (row) => {
      for (let i = 0; i < counts[row]!; i++, at += 4) {
        halves[at] = row;
        halves[at + 2] = i;
      }
    });
    const shape = BigInt64Array.of(BigInt(strings.length), BigInt(most));
    return [indices, tensor("string", [values.length], values), tensor("int64", [2], shape)];
  };

/** StringSplitV2: strings and a separator. */
export const splitOp: HostOp<{ readonly most: number }> = {
  name: "StringSplitV2",
  open: ({ most }) => splitting((text, separator) => splitLikePython(text, separator, most)),
};

/** StringSplit: strings and a set of delimiters. */
export const splitAtAnyOp: HostOp<{ readonly skipEmpty: boolean }> = {
  name: "StringSplit",
  open: ({ skipEmpty }) => splitting((text, delimiters) => splitAtAny(text, delimiters, skipEmpty)),
};

export type NGrams = {
  readonly separator: Uint8Array;
  readonly widths: readonly number[];
  readonly left: Uint8Array;
  readonly right: Uint8Array;
  /** How many pads at each end; negative for one less than the width. */
  readonly pads: number;
  /** Whether a row that is too short for any makes one of all it has. */
  readonly keepShort: boolean;
};

function ngramsOf(row: readonly Uint8Array[], { widths, pads, keepShort, ...plan }: NGrams): Uint8Array[] {
  const out: Uint8Array[] = [];
  const add = (width: number, padding: number) => {
    const count = Math.max(0, row.length + 2 * padding - width + 1);
    const padded = [
      ...new Array<Uint8Array>(padding).fill(plan.left),
      ...row,
      ...new Array<Uint8Array>(padding).fill(plan.right),
    ];
    for (let i = 0; i < count; i++) out.push(joined(padded.slice(i, i + width), plan.separator));
  };
  for (const width of widths) add(width, pads < 0 ? width - 1 : Math.min(pads, width - 1));
  if (keepShort && out.length === 0 && row.length > 0) {
    const padding = Math.max(0, pads);
    add(row.length + 2 * padding, padding);
  }
  return out;
}

/** StringNGrams: strings, and where each row of them begins and ends. */
export const ngramsOp: HostOp<NGrams> = {
  name: "StringNGrams",
  open:
    (plan) =>
    async ([given, splits], pace) => {
      const strings = stringsOf(given);
      const bounds = numbersOf(splits);
      const rows = Math.max(0, bounds.length - 1);
      for (const [i, bound] of bounds.entries()) {
        const least = i === 0 ? 0 : bounds[i - 1]!;
        if (bound < least || bound > strings.length || (i === 0 && bound !== 0)) {
          throw invalidArgument(`Invalid split value ${bound}, must be in [${least}, ${strings.length}]`);
        }
      }
      if (rows > 0 && bounds.at(-1) !== strings.length) {
        throw invalidArgument(`Last split value must be data size. Expected ${strings.length}, got ${bounds.at(-1)}`);
      }
      const { tensor: ends, items } = blank(splits!.dtype, [bounds.length]);
      const exact = splits!.dtype === "int64" ? BigInt : Number;
      const all: Uint8Array[] = [];
      await pace.each(rows, (row) => {
        for (const ngram of ngramsOf(strings.slice(bounds[row], bounds[row + 1]), plan)) all.push(ngram);
        items[row + 1] = exact(all.length);
      });
      return [tensor("string", [all.length], all), ends];
    },
};
