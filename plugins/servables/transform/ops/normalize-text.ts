import { z } from "zod";
import { bytesOf, columnOfPacked, type Packed } from "../column.js";
import { bytesOfText, textOf } from "../text.js";
import { oneOfTexts } from "./expect.js";
import { defineOp } from "./op.js";

/** What Keras's lower_and_strip_punctuation takes out. */
const PUNCTUATION = /[!"#$%&()*+,\-./:;<=>?@[\\\]^_`{|}~']/g;

const asciiLower = (text: string) => text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());

const casings = {
  none: undefined,
  unicode: (text: string) => text.toLowerCase(),
  ascii: asciiLower,
} as const;

type Form = { readonly lower: boolean; readonly bare: boolean; readonly strip: boolean };

const [TAB, CR, SPACE] = [0x09, 0x0d, 0x20];
const isSpace = (byte: number) => byte === SPACE || (byte >= TAB && byte <= CR);
const isUpper = (byte: number) => byte >= 0x41 && byte <= 0x5a;
const isLetterOrDigit = (byte: number) =>
  (byte >= 0x30 && byte <= 0x39) || isUpper(byte) || (byte >= 0x61 && byte <= 0x7a);
/** All that prints in ASCII and is neither letter nor digit: the same as PUNCTUATION has. */
const isPunctuation = (byte: number) => byte > SPACE && byte < 0x7f && !isLetterOrDigit(byte);

/** Writes a text of ASCII alone in its form from `to` on; where it ends, or -1 for other texts. */
function writeAscii(from: Uint8Array, { lower, bare, strip }: Form, into: Uint8Array, to: number): number {
  let end = to;
  for (let i = 0; i < from.length; i++) {
    const byte = from[i]!;
    if (byte >= 0x80) return -1;
    if (bare && isPunctuation(byte)) continue;
    if (strip && end === to && isSpace(byte)) continue;
    into[end++] = lower && isUpper(byte) ? byte + 32 : byte;
  }
  if (strip) while (end > to && isSpace(into[end - 1]!)) end--;
  return end;
}

/** ASCII is changed as bytes; what else there is, by `changed`. */
function normalized(items: readonly Uint8Array[], form: Form, changed: (text: string) => string): Packed {
  const offsets = new Uint32Array(items.length + 1);
  let bytes = new Uint8Array(32 * items.length);
  let at = 0;
  const makeRoom = (length: number) => {
    if (at + length <= bytes.length) return;
    const larger = new Uint8Array(Math.max(at + length, 2 * bytes.length));
    larger.set(bytes);
    bytes = larger;
  };
  for (let i = 0; i < items.length; i++) {
    const item = items[i]!;
    makeRoom(item.length);
    const end = writeAscii(item, form, bytes, at);
    if (end >= 0) at = end;
    else {
      const other = bytesOfText(changed(textOf(item)));
      makeRoom(other.length);
      bytes.set(other, at);
      at += other.length;
    }
    offsets[i + 1] = at;
  }
  return { bytes, offsets };
}

export const normalizeTextOp = defineOp({
  name: "normalize-text",
  about:
    "Strings in one form: Unicode's, lower case, without punctuation, without whitespace at the ends, in this order.",
  takes: "strings",
  gives: "strings",
  options: z.strictObject({
    unicode: z.enum(["none", "NFC", "NFD", "NFKC", "NFKD"]).default("none").describe("Unicode's normal form."),
    lower: z
      .enum(["none", "unicode", "ascii"])
      .default("unicode")
      .describe("Which letters become lower case; Keras changes ASCII alone."),
    punctuation: z
      .enum(["keep", "remove"])
      .default("keep")
      .describe("Whether ASCII punctuation is taken out, as Keras does."),
    strip: z.boolean().default(true).describe("Whether whitespace at both ends is taken off."),
  }),
  open: (inputs, { unicode, lower, punctuation, strip }) => {
    const type = oneOfTexts(inputs);
    const changes: ((text: string) => string)[] = [];
    if (unicode !== "none") changes.push((text) => text.normalize(unicode));
    const casing = casings[lower];
    if (casing) changes.push(casing);
    if (punctuation === "remove") changes.push((text) => text.replace(PUNCTUATION, ""));
    if (strip) changes.push((text) => text.trim());
    const changed = (text: string) => changes.reduce((done, change) => change(done), text);
    const form = { lower: casing !== undefined, bare: punctuation === "remove", strip };
    return {
      types: [{ dtype: "string", row: type.row }],
      run: ([column]) => [columnOfPacked(normalized(bytesOf(column), form, changed), column!.row)],
    };
  },
});
