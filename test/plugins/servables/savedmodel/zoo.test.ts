import { describe, expect, it } from "vitest";
import { isServingError, type Servable } from "../../../../core/index.js";
import { fakeHost } from "../../../../core/testing/index.js";
import { savedModelLoader } from "../../../../plugins/servables/savedmodel/loader.js";
import { options } from "../../../../plugins/servables/savedmodel/options.js";
import { firstDifference } from "../../../fixtures/compare.js";
import { largeZoo, type ZooCall, type ZooModel, zoo } from "../../../fixtures/zoo/golden.js";
import { libtensorflowForTests } from "../../../support/libtensorflow.js";

/** Models that do not lower, and what the refusal says; they run on libtensorflow. */
const refused: Readonly<Record<string, RegExp>> = {
  decomposition: /Svd at /,
  spectrum: /RFFT at .*; ComplexAbs at /,
};

/** How far answers may part where the model computes in few bits: about the place of its last one. */
const coarse: Readonly<Record<string, number>> = { mixed_float16: 2e-3, mixed_bfloat16: 2e-2 };
/** Relative; below a tenth of 1 it is absolute, since float32 sums that cancel keep no more. */
const TOLERANCE = 1e-4;
const FLOOR = 0.1;

const { signal } = new AbortController();
const library = await libtensorflowForTests();

function load({ name, path }: ZooModel, engine: "auto" | "onnxruntime"): Promise<Servable> {
  return savedModelLoader(fakeHost(), { model: name, version: 1n, path }, options.parse({ engine })).load(signal);
}

/** The first way in which the servable's answer is not TensorFlow's; undefined when it is the same. */
async function difference(servable: Servable, call: ZooCall, tolerance: number): Promise<string | undefined> {
  const { signature, inputs, outputs } = call;
  try {
    const answer = await servable.run({ signature, inputs, signal });
    return outputs ? firstDifference(answer, outputs, tolerance, FLOOR) : "TensorFlow refuses it";
  } catch (error) {
    const isRefusal = isServingError(error) && error.code === "INVALID_ARGUMENT";
    return !outputs && isRefusal ? undefined : String(error);
  }
}

async function differences(servable: Servable, { name, calls }: ZooModel): Promise<string[]> {
  const found: string[] = [];
  for (const [i, call] of calls().entries()) {
    const text = await difference(servable, call, coarse[name] ?? TOLERANCE);
    const shapes = Object.entries(call.inputs).map(([key, { shape }]) => `${key} [${shape}]`);
    if (text !== undefined) found.push(`call ${i} of ${call.signature} with ${shapes.join(", ")}: ${text}`);
  }
  return found;
}

function answersOnOnnxruntime(model: ZooModel): void {
  it(model.name, async () => {
    await using servable = await load(model, "onnxruntime");
    expect(await differences(servable, model)).toEqual([]);
  });
}

describe("the zoo, lowered, answers as TensorFlow does", () => {
  it("has models enough, each with calls", () => {
    expect(zoo.length).toBeGreaterThanOrEqual(60);
    expect(zoo.filter(({ calls }) => calls().length === 0)).toEqual([]);
    expect(Object.keys(refused).filter((name) => !zoo.some((model) => model.name === name))).toEqual([]);
  });

  for (const model of zoo) if (!refused[model.name]) answersOnOnnxruntime(model);
});

describe("what does not lower", () => {
  for (const model of zoo) {
    const reason = refused[model.name];
    if (!reason) continue;
    it(`${model.name} is refused with the operators in the way`, async () => {
      await expect(load(model, "onnxruntime")).rejects.toMatchObject({
        code: "FAILED_PRECONDITION",
        message: expect.stringMatching(reason),
      });
    });

    it(`${model.name} runs on libtensorflow, which auto takes`, async (ctx) => {
      if ("missing" in library) return ctx.skip(library.missing);
      await using servable = await load(model, "auto");
      expect(servable.engine).toMatch(/^libtensorflow /);
      expect(await differences(servable, model)).toEqual([]);
    });
  }
});

describe.skipIf(largeZoo.length === 0)("large models (python test/fixtures/zoo/make.py --large makes them)", () => {
  for (const model of largeZoo) answersOnOnnxruntime(model);
});
