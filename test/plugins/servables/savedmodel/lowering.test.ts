import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, it } from "vitest";
import { record, silentLogger } from "../../../../core/index.js";
import { defaultOrtOptions } from "../../../../plugins/runtimes/onnxruntime/index.js";
import { type Compiled, compile } from "../../../../plugins/servables/savedmodel/compile.js";
import { onnxruntimeServable } from "../../../../plugins/servables/savedmodel/engines/onnxruntime.js";
import { formatObstacle } from "../../../../plugins/servables/savedmodel/lowering/refusal.js";
import { firstDifference } from "../../../fixtures/compare.js";
import { opCases } from "./ops/cases.js";

const dir = fileURLToPath(new URL("ops/model", import.meta.url));
const { signal } = new AbortController();
const compileAll = (signatures: readonly string[]) => compile({ dir, tags: ["serve"], signatures, lower: true });
// What it asserts is checked.
const isRefused = (name: string) => name.startsWith("refused_") && name !== "refused_assert";
const names = [...opCases.keys()];

describe("operators answer as TensorFlow does", () => {
  let all: Compiled;
  beforeAll(() => {
    all = compileAll(names.filter((name) => !isRefused(name)));
  });

  it("and each of them lowers", () => {
    expect(Object.values(all.obstacles).flat().map(formatObstacle)).toEqual([]);
  });

  for (const [name, cases] of opCases) {
    if (isRefused(name)) continue;
    it(name, async () => {
      const plan = all.lowered[name]!;
      const compiled = { ...all, lowered: { [name]: plan } };
      const opened = await onnxruntimeServable(compiled, defaultOrtOptions, silentLogger);
      if ("refusal" in opened) throw opened.refusal;
      await using servable = opened.servable;
      for (const [i, { inputs, outputs, error }] of cases.entries()) {
        const call = { signature: name, inputs: record(Object.entries(inputs)), signal };
        if (error) {
          await expect(servable.run(call), `case ${i}: TensorFlow refuses it`).rejects.toMatchObject({
            code: "INVALID_ARGUMENT",
          });
        } else expect(firstDifference(await servable.run(call), outputs), `case ${i}`).toBeUndefined();
      }
    });
  }
});

describe("what cannot be carried over exactly is refused", () => {
  const reasons: Readonly<Record<string, RegExp>> = {
    refused_power: /^Pow at .*Pow".*: only the run tells the exponent of integers$/,
    refused_band: /^MatrixDiagPartV3 at .*band of diagonals, from 0 to 1$/,
    refused_bits: /^Bitcast at .*: it reads float32 as uint8$/,
    refused_not_equal_shapes: /^Equal at .*unequal shapes$/,
    refused_open_rank: /^BatchMatMulV2 at .*rank of its input is not known/,
    refused_unique: /^Unique at "PartitionedCall.*Unique" in the function "__inference_.*equal values of type float32$/,
    refused_nested: /^MatrixDeterminant at ".*PartitionedCall\/PartitionedCall\/MatrixDeterminant"/,
  };
  for (const name of names.filter(isRefused)) {
    it(name, () => {
      const { obstacles, models } = compileAll([name]);
      expect(models).toEqual([]);
      expect(obstacles[name]?.map(formatObstacle).find((text) => reasons[name]?.test(text))).toBeDefined();
    });
  }
});
