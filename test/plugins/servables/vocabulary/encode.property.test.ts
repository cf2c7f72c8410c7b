import { readFileSync } from "node:fs";
import { Tokenizer } from "@huggingface/tokenizers";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { encoderOf } from "../../../../plugins/servables/vocabulary/tokenizer/encode.js";
import { parseTokenizer } from "../../../../plugins/servables/vocabulary/tokenizer/file.js";
import { normalizeWith } from "../../../../plugins/servables/vocabulary/tokenizer/normalize.js";
import { fixture } from "./loading.js";

function opened(name: string) {
  const file = parseTokenizer(readFileSync(fixture(`tokenizers/${name}/1/tokenizer.json`), "utf8"));
  const tokenizer = new Tokenizer(file, { clean_up_tokenization_spaces: false });
  return { tokenizer, encode: encoderOf(tokenizer, file) };
}

const word = fc.constantFrom(
  "The",
  "tokens",
  "Größe",
  "東京",
  "e\u0301",
  "ﬁ",
  "🎿",
  "it's",
  "3.14",
  "<mask>",
  "İ",
  "\u0000",
  "ΑΣ",
);
const space = fc.constantFrom(" ", "  ", "\t", "\n", "", "\u00a0");
const text = fc.oneof(
  fc.array(fc.tuple(word, space), { maxLength: 12 }).map((parts) => parts.flat().join("")),
  fc.string({ unit: "grapheme", maxLength: 30 }),
);

describe.each(["bert", "byte_level", "unigram"])("%s, followed", (name) => {
  const { tokenizer, encode } = opened(name);

  test("gives places inside of the text, in order", () => {
    fc.assert(
      fc.property(text, (given) => {
        let before = 0;
        for (const [from, to] of encode(given).offsets) {
          expect(from).toBeLessThanOrEqual(to);
          expect(to).toBeLessThanOrEqual(given.length);
          expect(from).toBeGreaterThanOrEqual(before);
          before = from;
        }
      }),
    );
  });

  // Where words begin, the library knows less than the original: of unigram it gives other tokens.
  if (name === "unigram") return;

  test("gives the ids of the library itself", () => {
    fc.assert(
      fc.property(text, (given) => {
        const { ids } = tokenizer.encode(given, { add_special_tokens: false });
        expect(encode(given).ids).toEqual(ids.filter((id: number | undefined) => id !== undefined));
      }),
    );
  });

  test("the words of a plain text have their places", () => {
    const plain = "Numbers map tokens";
    const { ids, offsets } = encode(plain);
    const shown = offsets.map(([from, to]) => plain.slice(from, to)).join("");
    expect(shown).toBe("Numbersmaptokens");
    expect(ids.length).toBe(offsets.length);
  });
});

describe("normalizers, followed", () => {
  const made = (normalizer: object) => {
    const tokenizer = new Tokenizer(
      {
        added_tokens: [],
        model: { type: "WordPiece", vocab: { "[UNK]": 0 }, unk_token: "[UNK]" },
        decoder: null,
        post_processor: null,
        pre_tokenizer: null,
        normalizer,
      },
      {},
    );
    return normalizeWith(tokenizer.normalizer);
  };
  test.each([
    ["Strip", { type: "Strip", strip_left: true, strip_right: true }, "  ab ", "ab", [2, 3], [3, 4]],
    ["Prepend", { type: "Prepend", prepend: "_" }, "ab", "_ab", [0, 0, 1], [0, 1, 2]],
    ["NFKC", { type: "NFKC" }, "aﬁ", "afi", [0, 1, 1], [1, 2, 2]],
    ["NFC", { type: "NFC" }, "e\u0301x", "éx", [0, 2], [1, 3]],
    [
      "Replace",
      { type: "Replace", pattern: { String: "ab" }, content: "xyz" },
      "cabd",
      "cxyzd",
      [0, 2, 2, 2, 3],
      [1, 3, 3, 3, 4],
    ],
    ["Lowercase", { type: "Lowercase" }, "ÀB", "àb", [0, 1], [1, 2]],
  ])("%s", (_, normalizer, text, wanted, from, to) => {
    const { text: got, from: starts = [], to: ends = [] } = made(normalizer)(text);
    expect(got).toBe(wanted);
    expect([...Array.from(starts)]).toEqual(from);
    expect([...Array.from(ends)]).toEqual(to);
  });

  test("steps one after the other", () => {
    const strip = { type: "Strip", strip_left: true, strip_right: false };
    const both = made({ type: "Sequence", normalizers: [strip, { type: "NFKC" }] })(" ﬁn");
    expect(both).toEqual({ text: "fin", from: [1, 1, 2], to: [2, 2, 3] });
  });
});
