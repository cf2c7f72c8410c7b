import type { Tokenizer } from "@huggingface/tokenizers";
import { splitterOf } from "./added-tokens.js";
import { composed } from "./aligned.js";
import { flattened, type TokenizerFile } from "./file.js";
import { originOf, type Range, type Spelling, tokenUnits, wordFinder } from "./follow.js";
import { normalizeWith } from "./normalize.js";

/** One text's tokens, without special ones around them. */
export type Encoded = {
  readonly ids: readonly number[];
  /** In UTF-16 units of the text. */
  readonly offsets: readonly Range[];
};

const LEADING_SPACES = /^ */;
const TRAILING_SPACES = / *$/;

function spellingOf({ pre_tokenizer, model }: TokenizerFile): Spelling {
  const parts = flattened(pre_tokenizer, "pretokenizers");
  const metaspace = parts.find(({ type }) => type === "Metaspace");
  const { continuing_subword_prefix: prefix, end_of_word_suffix: suffix } = model;
  return {
    byteLevel: parts.some(({ type }) => type === "ByteLevel"),
    ...(metaspace ? { space: String(metaspace.replacement ?? "\u2581") } : {}),
    prefix: typeof prefix === "string" ? prefix : "",
    suffix: typeof suffix === "string" ? suffix : "",
  };
}

/** The library makes one word of a text where the original begins one at each space. */
function wordCutter({ pre_tokenizer }: TokenizerFile): (words: string[]) => string[] {
  const metaspace = flattened(pre_tokenizer, "pretokenizers").find(({ type }) => type === "Metaspace");
  if (!metaspace || metaspace.split === false) return (words) => words;
  const space = String(metaspace.replacement ?? "\u2581");
  return (words) => words.flatMap((word) => word.split(new RegExp(`(?=${space})`, "u")));
}

const trimsOffsets = ({ post_processor }: TokenizerFile) =>
  flattened(post_processor, "processors").some(
    ({ type, trim_offsets }) => (type === "ByteLevel" || type === "RobertaProcessing") && trim_offsets !== false,
  );

function trimmed(text: string, [from, to]: Range): Range {
  const part = text.slice(from, to);
  const start = from + LEADING_SPACES.exec(part)![0].length;
  return [start, Math.max(to - TRAILING_SPACES.exec(part)![0].length, start)];
}

/**
 * The library's components put together as it does, but followed, so that each token's place in the text is known. Where a
 * component rewrites a text in a way that cannot be followed, its tokens have the place of the whole text between added
 * tokens.
 */
export function encoderOf(tokenizer: Tokenizer, file: TokenizerFile): (text: string) => Encoded {
  const { normalizer, pre_tokenizer: preTokenizer, model } = tokenizer;
  if (!model) throw new Error("there is no model in it");
  const normalize = normalizeWith(normalizer);
  const spelling = spellingOf(file);
  const cut = wordCutter(file);
  const trims = trimsOffsets(file);
  const added = new Map(file.added_tokens.map((token) => [token.content, token]));
  const normal = (token: { normalized: boolean }) => token.normalized && normalizer !== null;
  const splitRaw = splitterOf(new Map([...added].filter(([, token]) => !normal(token))));
  const splitNormalized = splitterOf(
    new Map([...added.values()].filter(normal).map((token) => [normalize(token.content).text, token])),
  );
  const idOf = (token: string): number | undefined =>
    added.get(token)?.id ?? tokenizer.token_to_id(token) ?? model.unk_token_id;

  return (text) => {
    const ids: number[] = [];
    const offsets: Range[] = [];
    const push = (id: number | undefined, range: Range) => {
      // As in the original, what a model without an unknown token does not know is left out.
      if (id === undefined) return;
      ids.push(id);
      offsets.push(range);
    };

    const placed = (range: Range) => (trims ? trimmed(text, range) : range);

    const encodePlain = (from: number, to: number, section: number) => {
      const origin = {
        text: text.slice(from, to),
        from: indexesFrom(from, to - from),
        to: indexesFrom(from + 1, to - from),
      };
      const aligned = composed(origin, normalize(origin.text));
      for (const part of splitNormalized(aligned.text)) {
        if (part.token) {
          push(part.token.id, originOf(aligned, [part.from, part.to]));
          continue;
        }
        const plain = aligned.text.slice(part.from, part.to);
        const find = wordFinder(plain, spelling);
        let lost = false;
        for (const word of cut(preTokenizer ? preTokenizer(plain, { section_index: section }) : [plain])) {
          const tokens = model([word]);
          const units: readonly Range[] | undefined = lost ? undefined : find(word);
          lost ||= units === undefined;
          const ranges = tokenUnits(word, tokens, spelling);
          for (const [i, token] of tokens.entries()) {
            if (!units) {
              push(idOf(token), [from, to]);
              continue;
            }
            const [first, end] = ranges[i]!;
            const begin = units[first]?.[0] ?? plain.length;
            const stop = end > first ? units[end - 1]![1] : begin;
            const range = originOf(aligned, [begin + part.from, stop + part.from]);
            push(idOf(token), placed(range));
          }
        }
      }
    };

    for (const [i, { from, to, token }] of splitRaw(text).entries()) {
      if (token) push(token.id, placed([from, to]));
      else encodePlain(from, to, i);
    }
    return { ids, offsets };
  };
}

const indexesFrom = (start: number, length: number) => Array.from({ length }, (_, i) => start + i);
