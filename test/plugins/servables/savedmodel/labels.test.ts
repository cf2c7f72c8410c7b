import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Servable, silentLogger } from "../../../../core/index.js";
import { fakeHost } from "../../../../core/testing/index.js";
import { defaultOrtOptions } from "../../../../plugins/runtimes/onnxruntime/index.js";
import { onnxLoader } from "../../../../plugins/servables/onnx/loader.js";
import { options } from "../../../../plugins/servables/onnx/options.js";
import { compile } from "../../../../plugins/servables/savedmodel/compile.js";
import { convertSavedModel } from "../../../../plugins/servables/savedmodel/convert/index.js";
import { onnxruntimeServable } from "../../../../plugins/servables/savedmodel/engines/onnxruntime.js";
import { isOnnxStep, stepName } from "../../../../plugins/servables/savedmodel/program/step-name.js";
import { firstDifference } from "../../../fixtures/compare.js";
import { readGolden } from "../../../fixtures/golden.js";

const dir = fileURLToPath(new URL("labels/model", import.meta.url));
const { cases } = readGolden("../plugins/servables/savedmodel/labels/golden.json");
const { signal } = new AbortController();

async function expectAnswers(servable: Servable): Promise<void> {
  expect(cases.length).toBeGreaterThan(1);
  for (const { inputs, outputs } of cases) {
    const answer = await servable.run({ signature: "serving_default", inputs, signal });
    expect(firstDifference(answer, outputs, 1e-5, 0.1)).toBeUndefined();
  }
}

describe("a convolutional network that answers with labels", () => {
  const compiled = compile({ dir, tags: ["serve"], signatures: ["serving_default"], lower: true });
  const { steps, constants } = compiled.lowered.serving_default!;

  it("is one ONNX model, and then nothing but its strings", () => {
    const names = steps.map((step) => (step.kind === "host" ? stepName(step) : "model"));
    expect(names).toEqual(["model", "onnx Gather", "onnx Unsqueeze", "onnx Gather", "onnx Identity"]);
    const strings = Object.values(constants).filter(({ dtype }) => dtype === "string");
    expect(strings.map(({ shape }) => shape)).toEqual([[5]]);
  });

  it("has no step of ONNX's at every call that no call changes, nor has any model of strings", () => {
    const strings = fileURLToPath(new URL("strings/model", import.meta.url));
    const { signatures } = compile({ dir: strings, tags: ["serve"], lower: false });
    const able = Object.keys(signatures).filter((name) => !name.startsWith("refused_"));
    const { lowered } = compile({ dir: strings, tags: ["serve"], signatures: able, lower: true });
    expect(Object.keys(lowered)).toEqual(able);
    for (const program of [...Object.values(lowered), compiled.lowered.serving_default!]) {
      const known = new Set([...Object.keys(program.constants), ...program.once.flatMap((step) => step.outputs)]);
      const idle = program.steps.filter(
        (step) => step.kind === "host" && isOnnxStep(step) && step.inputs.every((name) => known.has(name)),
      );
      expect(idle).toEqual([]);
    }
  });

  it("answers as TensorFlow does", async () => {
    const opened = await onnxruntimeServable(compiled, defaultOrtOptions, silentLogger);
    if ("refusal" in opened) throw opened.refusal;
    await using servable = opened.servable;
    await expectAnswers(servable);
  });

  describe("as an ONNX file", () => {
    let work = "";
    beforeEach(() => {
      work = mkdtempSync(join(tmpdir(), "salver-labels-"));
    });
    afterEach(() => rmSync(work, { recursive: true }));
    const convert = (signature: string) => {
      const target = { out: join(work, "model.onnx"), externalData: false, force: false, producerVersion: "1" };
      return convertSavedModel({ dir, tags: ["serve"], signature, ...target }, signal);
    };

    it("has its labels inside", async () => {
      const { files } = await convert("serving_default");
      const model = { model: "m", version: 1n, path: files[0]! };
      await using servable = await onnxLoader(fakeHost(), model, options.parse({})).load(signal);
      await expectAnswers(servable);
    });

    it("is refused where it gathers whole rows of strings, which ONNX Runtime does wrong", async () => {
      await expect(convert("rows")).rejects.toThrow(
        /outside of ONNX:\n {2}onnx Gather at "[^"]+": ONNX Runtime copies only the first string of each row$/,
      );
      expect(readdirSync(work)).toEqual([]);
    });
  });
});
