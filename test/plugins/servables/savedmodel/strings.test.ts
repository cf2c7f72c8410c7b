import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { silentLogger } from "../../../../core/index.js";
import { defaultOrtOptions } from "../../../../plugins/runtimes/onnxruntime/index.js";
import { compile } from "../../../../plugins/servables/savedmodel/compile.js";
import { onnxruntimeServable } from "../../../../plugins/servables/savedmodel/engines/onnxruntime.js";
import { formatObstacle } from "../../../../plugins/servables/savedmodel/lowering/refusal.js";
import { firstDifference } from "../../../fixtures/compare.js";
import { type GoldenTensor, toTensors } from "../../../fixtures/golden.js";

type Written = Readonly<Record<string, GoldenTensor>>;
type Case = { readonly inputs: Written; readonly outputs?: Written; readonly error?: string };

const dir = fileURLToPath(new URL("strings/model", import.meta.url));
const golden = JSON.parse(readFileSync(new URL("strings/golden.json", import.meta.url), "utf8")) as Record<
  string,
  readonly Case[]
>;
const { signal } = new AbortController();
const compileOnly = (name: string) => compile({ dir, tags: ["serve"], signatures: [name], lower: true });
const isRefused = (name: string) => name.startsWith("refused_");

describe("strings, tables, hashes and feature layers answer as TensorFlow does, and fail in its words", () => {
  for (const [name, cases] of Object.entries(golden)) {
    if (isRefused(name)) continue;
    it(name, async () => {
      const compiled = compileOnly(name);
      expect(Object.values(compiled.obstacles).flat().map(formatObstacle)).toEqual([]);
      const opened = await onnxruntimeServable(compiled, defaultOrtOptions, silentLogger);
      if ("refusal" in opened) throw opened.refusal;
      await using servable = opened.servable;
      for (const [i, { inputs, outputs, error }] of cases.entries()) {
        const answer = servable.run({ signature: name, inputs: toTensors(inputs), signal });
        if (outputs) expect(firstDifference(await answer, toTensors(outputs)), `call ${i}`).toBeUndefined();
        else await expect(answer, `call ${i}`).rejects.toMatchObject({ code: "INVALID_ARGUMENT", message: error });
      }
    });
  }
});

describe("what cannot be carried over exactly is refused", () => {
  const reasons: Readonly<Record<string, RegExp>> = {
    refused_as_string_shortest: /^AsString at .*: it prints with exponents$/,
    refused_regex_backreference:
      /^StaticRegexReplace at .*: its pattern "\\\\pL": \\p is not carried over at character 2$/,
    refused_regex_star: /its pattern "\(a\*\)\*": a repeat of what may be empty at/,
    refused_regex_count: /its pattern "a\*\*": a repeat of a repeat at/,
    refused_regex_octal: /its pattern "\\\\12": \\1 is not carried over at/,
    refused_utf16: /^UnicodeTranscode at .*: its output_encoding is "UTF-16-BE"$/,
    refused_table_written: /^LookupTableInsertV2 at /,
  };
  for (const name of Object.keys(golden).filter(isRefused)) {
    it(name, () => {
      const { obstacles, models } = compileOnly(name);
      expect(models).toEqual([]);
      const found = obstacles[name]?.map(formatObstacle) ?? [];
      expect(
        found.find((text) => reasons[name]?.test(text)),
        found.join("; "),
      ).toBeDefined();
    });
  }
});
