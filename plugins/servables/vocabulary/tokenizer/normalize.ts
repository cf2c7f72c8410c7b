import type { Tokenizer } from "@huggingface/tokenizers";
import { type Aligned, assembled, composed } from "./aligned.js";

type Normalizer = NonNullable<Tokenizer["normalizer"]>;
export type Normalize = (text: string) => Aligned;

type Piece = readonly [from: number, to: number, made: string];
type Parts = { readonly normalizers?: readonly (Normalizer | null)[]; readonly pattern?: RegExp | null };

const MOST_REMEMBERED = 10_000;
const ASCII = /^[\x20-\x7e]*$/;
/** A character with the marks that belong to it. */
const CLUSTER = /[\s\S]\p{M}*/gu;

function* replaced(text: string, pattern: RegExp, content: string): Generator<Piece> {
  let at = 0;
  const plain = function* (end: number): Generator<Piece> {
    for (; at < end; at++) yield [at, at + 1, text[at]!];
  };
  for (const match of text.matchAll(pattern)) {
    yield* plain(match.index);
    at = match.index + match[0].length;
    // Where the original keeps the place of the last character alone.
    yield [Math.max(at - 1, match.index), at, content];
  }
  yield* plain(text.length);
}

/** What is composed of a letter and its marks has, as in the original, the place of the letter. */
const firstLength = (part: string) => ((part.codePointAt(0) ?? 0) > 0xffff ? 2 : 1);

/** What is the same at both ends came of itself, and what lies between as a whole of what lay between. */
function aroundChange(text: string, made: string): Aligned {
  const shorter = Math.min(text.length, made.length);
  let tail = 0;
  while (tail < shorter && text.at(-1 - tail) === made.at(-1 - tail)) tail++;
  let head = 0;
  while (head < shorter - tail && text[head] === made[head]) head++;
  const between = function* (): Generator<Piece> {
    for (let i = 0; i < head; i++) yield [i, i + 1, text[i]!];
    yield [head, text.length - tail, made.slice(head, made.length - tail)];
    for (let i = text.length - tail; i < text.length; i++) yield [i, i + 1, text[i]!];
  };
  return assembled(between());
}

/** One step, done by the library on the whole text and followed on its characters. */
function stepOf(normalizer: Normalizer): Normalize {
  const { pattern } = normalizer as Parts;
  const { content = "" } = normalizer.config as { readonly content?: string };
  if (pattern) return (text) => (text.search(pattern) < 0 ? { text } : assembled(replaced(text, pattern, content)));

  const known = new Map<string, string>();
  const alone = (part: string): string => {
    const before = known.get(part);
    if (before !== undefined) return before;
    if (known.size === MOST_REMEMBERED) known.clear();
    const made = normalizer.normalize(part);
    known.set(part, made);
    return made;
  };
  const partly = (text: string, parts: RegExp): Aligned =>
    assembled(
      Array.from(text.matchAll(parts), ({ 0: part, index }): Piece => [index, index + firstLength(part), alone(part)]),
    );

  return (text) => {
    const made = normalizer.normalize(text);
    if (made === text || (made.length === text.length && ASCII.test(text))) return { text: made };
    // A letter may become another one at the end of a word; what counts is that nothing moved.
    for (const parts of [/[\s\S]/gu, CLUSTER]) {
      const followed = partly(text, parts);
      if (followed.text.length === made.length) return { ...followed, text: made };
    }
    return aroundChange(text, made);
  };
}

/** The library's normalizer, followed character by character. */
export function normalizeWith(normalizer: Normalizer | null): Normalize {
  if (!normalizer) return (text) => ({ text });
  const { normalizers } = normalizer as Parts;
  if (!normalizers) return stepOf(normalizer);
  const steps = normalizers.map(normalizeWith);
  return (text) => steps.reduce<Aligned>((before, step) => composed(before, step(before.text)), { text });
}
