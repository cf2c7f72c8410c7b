import { setImmediate } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { DEFAULT_SIGNATURE, strings, tensor } from "../../../../core/index.js";
import { checkFactory, describeServable } from "../../../../core/testing/index.js";
import { firstDifference } from "../../../fixtures/compare.js";
import { readGolden } from "../../../fixtures/golden.js";
import { factory, fixture, folders, load, loaderOf, signal } from "./loading.js";

const folder = folders();

test("the factory is complete", () => checkFactory(factory));

describeServable({ describe, test }, "vocabulary", {
  open: () => load(fixture("vocabulary/words/1"), { oovBuckets: 10 }),
  cases: [
    ...readGolden("vocabulary/words.oov10.json").cases.map((each) => ({ ...each, signature: DEFAULT_SIGNATURE })),
    ...readGolden("vocabulary/words.reverse.json").cases.map((each) => ({ ...each, signature: "reverse" })),
  ],
});

describe("ids are those of TensorFlow and Keras", () => {
  test.each([
    ["words", "words", {}],
    ["words", "words.oov1", { oovBuckets: 1 }],
    ["words", "words.oov10", { oovBuckets: 10 }],
    ["words", "words.oov1000", { oovBuckets: 1000 }],
    ["returns", "returns", {}],
    ["returns", "returns.oov1", { oovBuckets: 1 }],
    ["returns", "returns.oov1000", { oovBuckets: 1000 }],
    ["words", "words.reverse", {}],
    ["words", "keras", { oovBuckets: 1, oovPosition: "first" }],
    ["words", "keras.oov7", { oovBuckets: 7, oovPosition: "first" }],
    ["words", "keras.mask", { oovBuckets: 3, oovPosition: "first", maskToken: "" }],
  ])("of %s: %s", async (name, file, options) => {
    const { signature, cases } = readGolden(`vocabulary/${file}.json`);
    await using servable = await load(fixture(`vocabulary/${name}/1`), options);
    expect(cases.length).toBeGreaterThan(0);
    for (const { inputs, outputs } of cases) {
      expect(firstDifference(await servable.run({ signature, inputs, signal }), outputs)).toBeUndefined();
    }
  });
});

/** The ids of some tokens, as numbers. */
async function idsOf(path: string, options: object, tokens: readonly string[]): Promise<number[]> {
  await using servable = await load(path, options);
  const { ids } = await servable.run({ signature: DEFAULT_SIGNATURE, inputs: { tokens: strings(tokens) }, signal });
  return Array.from(ids!.data as BigInt64Array, Number);
}

async function tokensOf(path: string, options: object, ids: readonly number[]): Promise<string[]> {
  await using servable = await load(path, options);
  const wanted = tensor("int64", [ids.length], BigInt64Array.from(ids, BigInt));
  const { tokens } = await servable.run({ signature: "reverse", inputs: { ids: wanted }, signal });
  return (tokens!.data as Uint8Array[]).map((each) => Buffer.from(each).toString());
}

describe("sources", () => {
  test.each([
    ["a mark of UTF-8 is no part of the first token", { "vocab.txt": "\ufeffa\nb" }, {}],
    ["csv of two columns: tokens and ids", { "vocab.csv": "a,0\r\nb,1\r\n" }, {}],
    ["csv in the order of other ids", { "vocab.csv": "b,1\na,0\n" }, {}],
    ["csv of one column", { "vocab.csv": "a\nb\n" }, {}],
    ["csv with a header", { "vocab.csv": "n,id,word\nx,1,b\ny,0,a" }, { header: true, key: "word", value: "id" }],
    ["csv by numbers", { "vocab.csv": "x,1,b\ny,0,a" }, { key: 2, value: 1 }],
    ["csv whose ids are the rows", { "vocab.csv": "a,900\nb,20" }, { value: "line" }],
    ["csv with quotes", { "vocab.csv": '"a","0"\n"b",1' }, {}],
    ["csv with another delimiter", { "vocab.csv": "a;0\nb;1" }, { delimiter: ";" }],
    ["tsv", { "vocab.tsv": "b\t1\na\t0" }, {}],
    ["a JSON list", { "vocab.json": '[ "a",\n"b" ]\n' }, {}],
    ["a JSON object", { "vocab.json": '{"b": 1,\n "\\u0061": 0}' }, {}],
    ["an asset of a SavedModel", { "saved_model.pb": "", variables: "", "assets/tokens": "a\nb\n" }, {}],
    ["a file by its name", { "x/other.txt": "a\nb", "vocab.txt": "c" }, { file: "x/other.txt" }],
    ["a format by its name", { words: '["a","b"]' }, { format: "json" }],
  ])("%s", async (_, files, options) => {
    const path = await folder(files);
    expect(await idsOf(path, options, ["a", "b", "c"])).toEqual([0, 1, -1]);
    expect(await tokensOf(path, options, [1, 0, 2])).toEqual(["b", "a", "[UNK]"]);
  });

  test("ids with gaps go both ways", async () => {
    const path = await folder({ "vocab.csv": "far,9007199254740991\nnear,7\nmiddle,5000000000\n" });
    const ids = [9007199254740991, 7, 5_000_000_000, -5];
    expect(await idsOf(path, { defaultId: -5 }, ["far", "near", "middle", "none"])).toEqual(ids);
    expect(await tokensOf(path, { unknownToken: "?" }, ids)).toEqual(["far", "near", "middle", "?"]);
  });

  test("quotes keep delimiters, line ends and quotes; tsv has none", async () => {
    const csv = await folder({ "vocab.csv": '"a,b",0\n"c\nd",1\n"say ""hi""",2\nplain,3' });
    expect(await idsOf(csv, {}, ["a,b", "c\nd", 'say "hi"', "plain"])).toEqual([0, 1, 2, 3]);
    const tsv = await folder({ "vocab.tsv": '"a"\t0' });
    expect(await idsOf(tsv, {}, ['"a"', "a"])).toEqual([0, -1]);
  });

  test("JSON escapes, surrogates and NUL among them", async () => {
    const path = await folder({ "vocab.json": '["\\ud83c\\udfbf", "\\n\\"\\\\", "x\\u0000y", "\\ud83c!"]' });
    expect(await idsOf(path, {}, ["🎿", '\n"\\', "x\0y", "\ufffd!"])).toEqual([0, 1, 2, 3]);
  });
});

describe("what is wrong with a file is said, with the line", () => {
  test.each([
    ["no bytes", { "vocab.txt": "" }, {}, "vocab.txt is empty"],
    ["an empty line", { "vocab.txt": "a\n\nb" }, {}, "vocab.txt, line 2: it is empty"],
    ["a line of nothing but a return", { "vocab.txt": "a\n\r\nb" }, {}, "line 2: it is empty"],
    ["a token twice", { "vocab.txt": "a\nb\nc\nb\n" }, {}, 'line 4: the token "b" stands on line 2 already'],
    ["UTF-16", { "vocab.txt": Buffer.from("\ufeffab", "utf16le") }, {}, "line 1: there is a NUL byte"],
    ["a ragged row", { "vocab.csv": "a,0\nb\n" }, {}, "vocab.csv, line 2: 1 column, where the first line has 2"],
    ["a row too long", { "vocab.csv": "a,0\nb,1,2\n" }, {}, "line 2: 3 columns, where the first line has 2"],
    ["an empty row", { "vocab.csv": "a,0\n\nb,1\n" }, {}, "line 2: it is empty"],
    ["a token twice in csv", { "vocab.csv": 'a,0\n"b\nb",1\nc,2\na,3' }, {}, 'line 5: the token "a" stands on line 1'],
    ["a token twice, by falling ids", { "vocab.csv": "a,2\nb,1\na,0" }, {}, 'line 3: the token "a" stands on line 1'],
    ["an id twice", { "vocab.csv": "a,7\nb,1\nc,7" }, {}, "line 3: the id 7 was given on line 1 already"],
    ["a negative id", { "vocab.csv": "a,-1" }, {}, 'line 1: the id "-1" is below 0'],
    ["an id that is no integer", { "vocab.csv": "a,0\nb,1.5" }, {}, 'line 2: the id "1.5" is no whole number'],
    ["no id", { "vocab.csv": "a," }, {}, 'line 1: the id "" is no whole number'],
    ["an id too large", { "vocab.csv": "a,9007199254740992" }, {}, 'line 1: the id "9007199254740992" is above'],
    ["an open quote", { "vocab.csv": 'a,0\n"b,1\n' }, {}, "line 2: a quote is opened and never closed"],
    ["text behind a quote", { "vocab.csv": '"a"b,0' }, {}, "line 1: a closing quote is followed by"],
    ["three columns", { "vocab.csv": "a,0,1" }, {}, "vocab.csv has 3 columns: say by key and value"],
    ["no such column", { "vocab.csv": "word,id\na,0" }, { header: true, key: "wird" }, 'did you mean "word"'],
    ["a name without a header", { "vocab.csv": "a,0" }, { key: "word" }, "names need header: true"],
    ["a column too far", { "vocab.csv": "a,0" }, { key: 2 }, "there is no column 2"],
    ["nothing but a header", { "vocab.csv": "word,id\n" }, { header: true }, "vocab.csv has no tokens"],
    ["no JSON", { "vocab.json": "hello" }, {}, "vocab.json, line 1: expected a JSON list of tokens"],
    ["an open list", { "vocab.json": '["a",\n"b"' }, {}, "line 2: invalid JSON: expected ], got the end"],
    ["a number among tokens", { "vocab.json": '["a",\n3]' }, {}, 'line 2: invalid JSON: expected ", got "3"'],
    ["more behind the list", { "vocab.json": '["a"]\n["b"]' }, {}, 'line 2: invalid JSON: expected the end, got "["'],
    ["no JSON escape", { "vocab.json": '["\\x41"]' }, {}, "line 1: invalid JSON: no escape begins with \\x"],
    ["a bad \\u", { "vocab.json": '["\\u00g1"]' }, {}, "is no escape of JSON"],
    ["a raw line end", { "vocab.json": '["a\nb"]' }, {}, "line 1: invalid JSON: a string has a control character"],
    ["an id that is text", { "vocab.json": '{"a":\n"0"}' }, {}, "line 2: the id"],
    [
      "a token twice in JSON",
      { "vocab.json": '{"a": 0,\n"b": 1,\n"a": 2}' },
      {},
      'line 3: the token "a" stands on line 1',
    ],
    ["an empty list", { "vocab.json": "[]" }, {}, "vocab.json has no tokens"],
    ["no file", { "notes.md": "", "other.md": "" }, {}, "no vocabulary in"],
    ["not the named file", { "vocab.txt": "a" }, { file: "words.txt" }, "words.txt is no file of version"],
    [
      "buckets that meet ids",
      { "vocab.csv": "a,0\nb,5" },
      { oovBuckets: 3 },
      "the file has the id 5: leave out oovBuckets",
    ],
    ["a mask over ids with gaps", { "vocab.csv": "a,4" }, { maskToken: "" }, "leave out maskToken"],
  ])("%s", async (_, files, options, message) => {
    const path = await folder(files as Record<string, string>);
    const failure = await load(path, options).catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: "FAILED_PRECONDITION", message: expect.stringContaining(message) });
  });
});

test("a load that is called off settles at once", async () => {
  const end = new AbortController();
  const loading = (await loaderOf(fixture("vocabulary/words/1"))).load(end.signal);
  end.abort();
  await expect(loading).rejects.toMatchObject({ code: "CANCELLED" });
});

test("the estimate is above what the arrays take", async () => {
  const words = Array.from({ length: 20_000 }, (_, i) => `w${i.toString(36)}`);
  const text = words.join("\n");
  const path = await folder({ "vocab.txt": text });
  const { memory } = await (await loaderOf(path)).estimate();
  expect(memory).toBeGreaterThan(text.length + 20_000 * (4 + 16 / 3));
  expect(memory).toBeLessThan(text.length + 20_000 * 12 + 2 ** 21);
});

test("options that exclude each other are refused", () => {
  expect(factory.options.safeParse({ oovBuckets: 2, defaultId: 0 }).success).toBe(false);
  expect(factory.options.safeParse({ padding: "max" }).success).toBe(true);
});

describe("a large request", () => {
  const TOKENS = 400_000;
  const tokens = strings(Array.from({ length: TOKENS }, (_, i) => `stranger ${i}`));
  const call = { signature: DEFAULT_SIGNATURE, inputs: { tokens } };

  test("lets others go first in between", async () => {
    await using servable = await load(fixture("vocabulary/words/1"), { oovBuckets: 10 });
    let [turns, done] = [0, false];
    const answer = Promise.resolve(servable.run({ ...call, signal })).finally(() => {
      done = true;
    });
    while (!done) {
      turns++;
      await setImmediate();
    }
    expect((await answer).ids?.data.length).toBe(TOKENS);
    expect(turns).toBeGreaterThan(3);
  });

  test("ends when its caller goes", async () => {
    await using servable = await load(fixture("vocabulary/words/1"), { oovBuckets: 10 });
    const end = new AbortController();
    const answer = servable.run({ ...call, signal: end.signal });
    await setImmediate();
    end.abort();
    await expect(answer).rejects.toMatchObject({ code: "CANCELLED" });
  });
});
