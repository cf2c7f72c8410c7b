import { hashBytes } from "../../../../formats/token-table/hash.js";
import { textOf } from "../text.js";

/** As many texts are kept: columns have few that come often, or many that hardly come again. */
const MOST = 2 ** 13;
/** In bytes; longer texts hardly come twice. */
const LONGEST = 64;

/** The text that bytes are: of texts that come often one string for all of them. */
export type Interner = (bytes: Uint8Array, start: number, end: number) => string;

function equals(known: Uint8Array, bytes: Uint8Array, start: number, end: number): boolean {
  if (known.length !== end - start) return false;
  for (let i = 0; i < known.length; i++) if (known[i] !== bytes[start + i]) return false;
  return true;
}

export function createInterner(): Interner {
  // Open addressing, at most half full; place + 1, and 0 where it is free.
  const slots = new Uint16Array(2 * MOST);
  const [keys, texts]: [Uint8Array[], string[]] = [[], []];
  return (bytes, start, end) => {
    if (end - start > LONGEST) return textOf(bytes, start, end);
    let slot = hashBytes(bytes, start, end) & (slots.length - 1);
    for (; slots[slot] !== 0; slot = (slot + 1) & (slots.length - 1)) {
      const place = slots[slot]! - 1;
      if (equals(keys[place]!, bytes, start, end)) return texts[place]!;
    }
    const text = textOf(bytes, start, end);
    if (keys.length < MOST) {
      keys.push(bytes.slice(start, end));
      slots[slot] = texts.push(text);
    }
    return text;
  };
}
