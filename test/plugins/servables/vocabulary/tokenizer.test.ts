import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { DEFAULT_SIGNATURE, strings, tensor } from "../../../../core/index.js";
import { describeServable } from "../../../../core/testing/index.js";
import { firstDifference } from "../../../fixtures/compare.js";
import { readGolden } from "../../../fixtures/golden.js";
import { fixture, folders, load, signal } from "./loading.js";

const folder = folders();
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

test("texts of several callers go together only where all rows are as long", async () => {
  for (const [options, batched] of [
    [{}, false],
    [{ padding: "longest" }, false],
    [{ padding: "max", maxLength: 16 }, undefined],
  ] as const) {
    await using servable = await load(fixture("tokenizers/bert/1"), options);
    expect(servable.signatures[DEFAULT_SIGNATURE]?.batched).toBe(batched);
  }
});

const bert = JSON.parse(readFileSync(fixture("tokenizers/bert/1/tokenizer.json"), "utf8")) as object;

async function idsOf(options: object, texts: readonly string[], file: object = bert): Promise<number[][]> {
  const path = await folder({ "tokenizer.json": JSON.stringify(file) });
  await using servable = await load(path, options);
  const { input_ids: ids } = await servable.run({
    signature: DEFAULT_SIGNATURE,
    inputs: { text: strings(texts) },
    outputs: ["input_ids"],
    signal,
  });
  const [rows = 0, length = 0] = ids!.shape;
  const all = Array.from(ids!.data as BigInt64Array, Number);
  return Array.from({ length: rows }, (_, row) => all.slice(row * length, (row + 1) * length));
}

describe("rows", () => {
  const longer = ["token token token", "token"];

  test("are as long as the longest, or as maxLength", async () => {
    const [[cls, token, , , sep] = []] = await idsOf({}, longer);
    expect(await idsOf({}, longer)).toEqual([
      [cls, token, token, token, sep],
      [cls, token, sep, 0, 0],
    ]);
    expect(await idsOf({ maxLength: 4 }, longer)).toEqual([
      [cls, token, token, sep],
      [cls, token, sep, 0],
    ]);
    expect(await idsOf({ maxLength: 6, padding: "max" }, ["token"])).toEqual([[cls, token, sep, 0, 0, 0]]);
    expect(await idsOf({ specialTokens: false }, ["token"])).toEqual([[token]]);
    expect(await idsOf({}, [])).toEqual([]);
  });

  test("are filled and cut on the side, and to the multiple, that the file says", async () => {
    const padding = { strategy: "BatchLongest", direction: "Left", pad_to_multiple_of: 4, pad_id: 7, pad_type_id: 0 };
    const truncation = { max_length: 4, direction: "Left", strategy: "LongestFirst", stride: 0 };
    const [[cls, a, b, sep] = []] = await idsOf({}, ["a b"]);
    expect(await idsOf({}, ["a a b", "b"], { ...bert, padding, truncation })).toEqual([
      [cls, a, b, sep],
      [7, cls, b, sep],
    ]);
    expect((await idsOf({}, ["a a b b"], { ...bert, padding }))[0]?.length).toBe(8);
  });
});

describe("what cannot be served is refused, with the file", () => {
  test.each([
    ["no JSON", "{", {}, "tokenizer.json cannot be served: "],
    ["no model", "{}", {}, "tokenizer.json cannot be served: model: "],
    ["an unknown component", JSON.stringify({ ...bert, normalizer: { type: "Nonsense" } }), {}, "Nonsense"],
    ["a length that is not known", JSON.stringify(bert), { padding: "max" }, "padding: max needs a maxLength"],
    ["a padding of another form", JSON.stringify({ ...bert, padding: { strategy: 3 } }), {}, "padding.strategy"],
  ])("%s", async (_, content, options, message) => {
    const path = await folder({ "tokenizer.json": content });
    const failure = await load(path, options).catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: "FAILED_PRECONDITION", message: expect.stringContaining(message) });
  });
});
