import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { record, silentLogger } from "../../../../core/index.js";
import { defaultOrtOptions } from "../../../../plugins/runtimes/onnxruntime/index.js";
import { compile } from "../../../../plugins/servables/savedmodel/compile.js";
import { onnxruntimeServable } from "../../../../plugins/servables/savedmodel/engines/onnxruntime.js";
import { formatObstacle } from "../../../../plugins/servables/savedmodel/lowering/refusal.js";
import { firstDifference } from "../../../fixtures/compare.js";
import { goldenCases } from "./golden-cases.js";

const { signal } = new AbortController();

type Model = { readonly dir: string; readonly golden: ReturnType<typeof goldenCases> };
const modelOf = (folder: string, golden: string): Model => ({
  dir: fileURLToPath(new URL(`control-flow/${folder}`, import.meta.url)),
  golden: goldenCases(new URL(`control-flow/${golden}`, import.meta.url)),
});
const isRefused = (name: string) => name.startsWith("refused_");

describe.each([
  ["branches, loops, lists and recurrent layers", modelOf("model", "golden.json")],
  ["loops and branches of TensorFlow 1", modelOf("tf1", "golden_tf1.json")],
] as const)("%s answer as TensorFlow does", (_, { dir, golden }) => {
  for (const [name, cases] of golden) {
    if (isRefused(name)) continue;
    it(name, async () => {
      const compiled = compile({ dir, tags: ["serve"], signatures: [name], lower: true });
      expect(Object.values(compiled.obstacles).flat().map(formatObstacle)).toEqual([]);
      const opened = await onnxruntimeServable(compiled, defaultOrtOptions, silentLogger);
      if ("refusal" in opened) throw opened.refusal;
      await using servable = opened.servable;
      for (const [i, { inputs, outputs, error }] of cases.entries()) {
        const call = { signature: name, inputs: record(Object.entries(inputs)), signal };
        if (error) {
          const refused = { code: "INVALID_ARGUMENT" };
          await expect(servable.run(call), `case ${i}: TensorFlow refuses it`).rejects.toMatchObject(refused);
        } else expect(firstDifference(await servable.run(call), outputs), `case ${i}`).toBeUndefined();
      }
    });
  }
});

describe("recurrent layers of Keras' standard form are ONNX's own operators", () => {
  const { dir } = modelOf("model", "golden.json");
  // An operator's name in a NodeProto: field 4, its length, the name.
  const operators = (name: string) => {
    const [model] = compile({ dir, tags: ["serve"], signatures: [name], lower: true }).models;
    return ["LSTM", "GRU", "Loop"].filter((op) => {
      const field = Buffer.concat([Buffer.from([0x22, op.length]), Buffer.from(op)]);
      return Buffer.from(model!.bytes).includes(field);
    });
  };
  it.each([
    ["LSTM", ["LSTM"]],
    ["LSTM_sequences", ["LSTM"]],
    ["LSTM_backwards", ["LSTM"]],
    ["LSTM_state", ["LSTM"]],
    ["bidirectional", ["LSTM"]],
    ["GRU", ["GRU"]],
    ["GRU_sequences", ["GRU"]],
    ["GRU_no_bias", ["GRU"]],
    ["LSTM_odd", ["Loop"]],
    ["almost_LSTM", ["Loop"]],
    ["almost_GRU", ["Loop"]],
    ["LSTM_masked", ["Loop"]],
    ["GRU_reset_before", ["Loop"]],
    ["SimpleRNN", ["Loop"]],
  ])("%s: %j", (name, wanted) => expect(operators(name)).toEqual(wanted));
});

describe("errors and refusals", () => {
  const { dir, golden } = modelOf("model", "golden.json");
  const lowered = (name: string) => compile({ dir, tags: ["serve"], signatures: [name], lower: true });

  it("an assertion that does not hold is named", async () => {
    const opened = await onnxruntimeServable(lowered("assert_nested"), defaultOrtOptions, silentLogger);
    if ("refusal" in opened) throw opened.refusal;
    await using servable = opened.servable;
    const { inputs } = golden.get("assert_nested")!.find(({ error }) => error)!;
    const words = /^what "[^"]*then_branch\/If\d+\/else_branch\/Assert\d+" asserts does not hold$/;
    await expect(servable.run({ signature: "assert_nested", inputs, signal })).rejects.toThrow(words);
  });

  it.each([
    ["refused_array_shape", /^StatelessWhile at .*: a list holds tensors that were never set and whose shape is not/],
    [
      "refused_state_type",
      /^MatrixDeterminant at ".*StatelessWhile\d+\/body\/MatrixDeterminant\d+" in the function "map_/,
    ],
  ])("%s", (name, words) => {
    const { obstacles, models } = lowered(name);
    expect(models).toEqual([]);
    expect(obstacles[name]?.map(formatObstacle)).toContainEqual(expect.stringMatching(words));
  });
});
