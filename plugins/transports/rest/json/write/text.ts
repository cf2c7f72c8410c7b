import { BACKSLASH, QUOTE, SPACE } from "../scan/chars.js";
import { type Output, reserve } from "./output.js";

const HEX = Buffer.from("0123456789ABCDEF");
const SHORT: Readonly<Record<number, string>> = { 8: "b", 9: "t", 10: "n", 12: "f", 13: "r" };
// What follows the backslash; `u` where four hex digits do. 0 where the byte stands for itself.
const escapes = Uint8Array.from({ length: 256 }, (_, byte) => {
  if (byte === QUOTE || byte === BACKSLASH) return byte;
  return byte < SPACE ? (SHORT[byte] ?? "u").charCodeAt(0) : 0;
});
const U = "u".charCodeAt(0);

/** Bytes as a JSON string. They are written as they are, also where they are not UTF-8. */
export function putText(out: Output, text: Uint8Array): void {
  reserve(out, text.length * 6 + 2);
  const { bytes } = out;
  let at = out.length;
  bytes[at++] = QUOTE;
  for (let i = 0; i < text.length; i++) {
    const byte = text[i] as number;
    const marker = escapes[byte] as number;
    if (marker === 0) {
      bytes[at++] = byte;
      continue;
    }
    bytes[at++] = BACKSLASH;
    bytes[at++] = marker;
    if (marker !== U) continue;
    bytes[at++] = HEX[0] as number;
    bytes[at++] = HEX[0] as number;
    bytes[at++] = HEX[byte >> 4] as number;
    bytes[at++] = HEX[byte & 15] as number;
  }
  bytes[at++] = QUOTE;
  out.length = at;
}
