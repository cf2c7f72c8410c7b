import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { findSource, isVocabulary } from "../../../../plugins/servables/vocabulary/files.js";
import { folders } from "./loading.js";

const folder = folders();
const empty = (names: readonly string[]) => folder(Object.fromEntries(names.map((name) => [name, "a"])));

describe("isVocabulary", () => {
  test.each([
    [true, ["vocab.txt"]],
    [true, ["vocab.json", "README.md", ".hidden"]],
    [true, ["tokenizer.json", "vocab.txt", "tokenizer_config.json", "special_tokens_map.json"]],
    [false, ["words.txt"]],
    [false, []],
    [false, ["vocab.txt", "model.onnx"]],
    [false, ["vocab.txt", "transform.yaml"]],
    [false, ["tokenizer.json", "model.json", "group1-shard1of1.bin"]],
  ])("%s for %j", async (wanted, names) => {
    const path = await empty(names);
    expect(await isVocabulary(path)).toBe(wanted);
  });

  test("knows a file, and what is not there", async () => {
    const path = await empty(["vocab.tsv", "other.txt"]);
    expect(await isVocabulary(join(path, "vocab.tsv"))).toBe(true);
    expect(await isVocabulary(join(path, "other.txt"))).toBe(false);
    expect(await isVocabulary(join(path, "gone"))).toBe(false);
  });
});

describe("findSource", () => {
  test.each([
    [["vocab.txt", "other.csv"], {}, "vocab.txt", "text"],
    [["tokenizer.json", "vocab.json"], {}, "tokenizer.json", "tokenizer"],
    [["words.tsv"], {}, "words.tsv", "tsv"],
    [["saved_model.pb", "variables", "assets/words"], {}, "assets/words", "text"],
    [["a.json", "b.json"], { file: "b.json" }, "b.json", "json"],
    [["a.json"], { file: "a.json", format: "tokenizer" }, "a.json", "tokenizer"],
  ] as const)("of %j with %j is %s", async (names, options, file, format) => {
    const path = await empty(names);
    expect(await findSource(path, options)).toEqual({ path: join(path, file), format });
  });

  test("a version may be a file", async () => {
    const path = join(await empty(["words.csv"]), "words.csv");
    expect(await findSource(path, {})).toEqual({ path, format: "csv" });
  });

  test.each([
    [["a.txt", "b.txt"], {}, "expected one of tokenizer.json, vocab.txt"],
    [["a.txt"], { file: "b.txt" }, "b.txt is no file of version"],
    [["assets/a", "assets/b"], {}, "it has no files"],
    [["vocab.txt", "vocab.csv"], {}, "vocab.txt and vocab.csv. Say which by file"],
  ])("of %j with %j says so", async (names, options, message) => {
    await expect(findSource(await empty(names), options)).rejects.toMatchObject({
      code: "FAILED_PRECONDITION",
      message: expect.stringContaining(message),
    });
  });
});
