import fc from "fast-check";
import { strings } from "salver";
import { describe, expect, it } from "vitest";
import { openText, run, specOf } from "../support/open.js";

/** Mostly ASCII, which is changed as bytes; whitespace and letters beyond it, which are not. */
const text = fc.string({
  unit: fc.oneof(
    { weight: 9, arbitrary: fc.integer({ min: 0, max: 127 }).map((code) => String.fromCharCode(code)) },
    { weight: 1, arbitrary: fc.constantFrom("É", "\u00a0", "\ufeff", "İ", "😀", "ﬁ") },
  ),
  maxLength: 40,
});

const PUNCTUATION = /[!-/:-@[-`{-~]/g;

type Change = (text: string) => string;
const forms: readonly (readonly [options: string, of: Change])[] = [
  ["", (x) => x.toLowerCase().trim()],
  ["lower: none", (x) => x.trim()],
  ["lower: ascii, strip: false", (x) => x.replace(/[A-Z]/g, (letter) => letter.toLowerCase())],
  ["punctuation: remove", (x) => x.toLowerCase().replace(PUNCTUATION, "").trim()],
  ["unicode: NFKC, lower: none, strip: false", (x) => x.normalize("NFKC")],
];

describe("normalize-text does to bytes what JavaScript does to strings", () => {
  it.each(forms)("%s", async (options, of) => {
    const step = `op: normalize-text, from: x, to: y${options && `, ${options}`}`;
    const all = ["é", "zz"];
    await using servable = await openText(
      specOf(
        "x: string",
        step,
        "op: lookup, from: y, to: ids, vocabulary: [é, zz], oovBuckets: 7",
        "op: concat, from: [y], to: listed",
      ),
    );
    await using direct = await openText(
      specOf("y: string", "op: lookup, from: y, to: ids, vocabulary: [é, zz], oovBuckets: 7"),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(fc.oneof(text, fc.constantFrom(...all, " ZZ ")), { maxLength: 20 }), async (given) => {
        const wanted = given.map(of);
        const { ids, listed } = await run(servable, { x: strings(given) });
        expect((listed!.data as Uint8Array[]).map((item) => Buffer.from(item).toString())).toEqual(wanted);
        // A look-up reads the bytes where they lie.
        expect(ids!.data).toEqual((await run(direct, { y: strings(wanted) })).ids!.data);
      }),
      { numRuns: 60 },
    );
  });
});
