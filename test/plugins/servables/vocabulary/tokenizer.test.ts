import { describe, expect, test } from "vitest";
import { DEFAULT_SIGNATURE, strings, tensor } from "../../../../core/index.js";
import { describeServable } from "../../../../core/testing/index.js";
import { firstDifference } from "../../../fixtures/compare.js";
import { readGolden } from "../../../fixtures/golden.js";
import { fixture, load, signal } from "./loading.js";

const golden = (file: string) => readGolden(`tokenizers/${file}.json`);

describeServable({ describe, test }, "tokenizer", {
  open: () => load(fixture("tokenizers/bert/1"), { threads: 2 }),
  cases: [
    ...golden("bert").cases.map((each) => ({ ...each, signature: DEFAULT_SIGNATURE })),
    ...golden("bert.decode").cases.map((each) => ({ ...each, signature: "decode" })),
  ],
  wrong: [
    { signature: DEFAULT_SIGNATURE, inputs: { text: strings(["a", "b"], [1, 2]) } },
    { signature: "decode", inputs: { input_ids: tensor("int64", [2], BigInt64Array.of(1n, 2n)) } },
  ],
});

describe("answers are those of Python's tokenizers", () => {
  test.each([
    ["bert", "bert", {}],
    ["bert", "bert.cut", { maxLength: 10 }],
    ["bert", "bert.decode", {}],
    ["bert_fixed", "bert_fixed", {}],
    ["bert_fixed", "bert_fixed.decode", {}],
    ["byte_level", "byte_level", {}],
    ["byte_level", "byte_level.cut", { maxLength: 10 }],
    ["byte_level", "byte_level.decode", {}],
    ["unigram", "unigram", {}],
    ["unigram", "unigram.cut", { maxLength: 10 }],
    ["unigram", "unigram.decode", {}],
  ])("of %s: %s", async (name, file, options) => {
    const { signature, cases } = golden(file);
    await using servable = await load(fixture(`tokenizers/${name}/1`), options);
    expect(cases.length).toBeGreaterThan(0);
    for (const { inputs, outputs } of cases) {
      expect(firstDifference(await servable.run({ signature, inputs, signal }), outputs)).toBeUndefined();
    }
  });
});
