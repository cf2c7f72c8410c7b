import type { Aligned } from "./aligned.js";
import { endOf, startOf } from "./aligned.js";

/** A range of a normalized text. */
export type Range = readonly [from: number, to: number];

/** How a model writes the words that it gets, and the tokens that it makes of them. */
export type Spelling = {
  /** Words are bytes, each written as a character of its own. */
  readonly byteLevel: boolean;
  /** What stands for a space in words. */
  readonly space?: string;
  /** What the tokens of a word but its first begin with. */
  readonly prefix: string;
  /** What the last token of a word ends with. */
  readonly suffix: string;
};

const BYTE_TOKEN = /^<0x([\dA-F]{2})>$/;

/** GPT-2's characters for bytes, back to bytes: those that can be printed stand for themselves, the others from 256 on. */
const bytesByCharacter: ReadonlyMap<string, number> = (() => {
  const printed = (byte: number) => (byte > 32 && byte < 127) || (byte > 160 && byte < 256 && byte !== 173);
  const map = new Map<string, number>();
  let next = 256;
  for (let byte = 0; byte < 256; byte++) map.set(String.fromCharCode(printed(byte) ? byte : next++), byte);
  return map;
})();

const decoder = new TextDecoder();
const bytesIn = (codePoint: number) => (codePoint < 0x80 ? 1 : codePoint < 0x800 ? 2 : codePoint < 0x10000 ? 3 : 4);

/** The text of a word, and for each of the word's units the range of the text that it is of. */
function spelledOut(word: string, { byteLevel, space }: Spelling): { text: string; units: Range[] } {
  if (!byteLevel) {
    const text = space ? word.replaceAll(space, " ") : word;
    return { text, units: Array.from({ length: text.length }, (_, i): Range => [i, i + 1]) };
  }
  const text = decoder.decode(Uint8Array.from(word, (character) => bytesByCharacter.get(character) ?? 0));
  const units: Range[] = [];
  let at = 0;
  for (const character of text) {
    const range: Range = [at, at + character.length];
    for (let i = bytesIn(character.codePointAt(0)!); i > 0; i--) units.push(range);
    at += character.length;
  }
  return { text, units };
}

/** Finds words of a text one after the other. undefined when one is not there, as where a pre-tokenizer rewrites. */
export function wordFinder(text: string, spelling: Spelling) {
  const plain = spelling.space ? text.replaceAll(spelling.space, " ") : text;
  let at = 0;
  return (word: string): readonly Range[] | undefined => {
    const { text: spelled, units } = spelledOut(word, spelling);
    // The space before a first word may be the tokenizer's own.
    const bare = spelled.startsWith(" ") ? spelled.slice(1) : undefined;
    for (let from = at; from <= plain.length; from++) {
      const own = !plain.startsWith(spelled, from);
      if (own && (bare === undefined || !plain.startsWith(bare, from))) continue;
      const shift = own ? from - 1 : from;
      at = shift + spelled.length;
      // A space of the tokenizer's own counts as the character that it stands before.
      const behind = from + ((plain.codePointAt(from) ?? 0) > 0xffff ? 2 : 1);
      return units.map(([a, b]): Range => (own && a === 0 ? [from, behind] : [a + shift, b + shift]));
    }
    return undefined;
  };
}

/** Of a word's units those that each of its tokens stands for. */
export function tokenUnits(word: string, tokens: readonly string[], { prefix, suffix }: Spelling): readonly Range[] {
  if (tokens.length === 1) return [[0, word.length]];
  const surface = (i: number) => {
    const token = tokens[i] ?? "";
    const body = i > 0 && prefix && token.startsWith(prefix) ? token.slice(prefix.length) : token;
    return suffix && i === tokens.length - 1 && body.endsWith(suffix) ? body.slice(0, -suffix.length) : body;
  };
  const widthAt = (at: number) => ((word.codePointAt(at) ?? 0) > 0xffff ? 2 : 1);
  let [at, bytes] = [0, 0];
  return tokens.map((token, i): Range => {
    const from = at;
    const spelled = surface(i);
    if (word.startsWith(spelled, at)) at += spelled.length;
    else if (BYTE_TOKEN.test(token)) {
      const end = at + widthAt(at);
      if (++bytes === bytesIn(word.codePointAt(at) ?? 0)) [at, bytes] = [end, 0];
      return [from, end];
    } else if (i === tokens.length - 1) at = word.length;
    else {
      // Unknown: it reaches to where the next one is found.
      const next = word.indexOf(surface(i + 1), at + widthAt(at));
      at = next < 0 ? at + widthAt(at) : next;
    }
    return [from, Math.min(at, word.length)];
  });
}

/** The range of the original text that a range of the normalized one came of. */
export function originOf(aligned: Aligned, [from, to]: Range): Range {
  if (from < to) return [startOf(aligned, from), endOf(aligned, to - 1)];
  const end = from === 0 ? 0 : endOf(aligned, from - 1);
  return [end, end];
}
