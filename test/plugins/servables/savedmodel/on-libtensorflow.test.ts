import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import type { Servable } from "../../../../core/index.js";
import { fakeHost } from "../../../../core/testing/index.js";
import { savedModelLoader } from "../../../../plugins/servables/savedmodel/loader.js";
import { options } from "../../../../plugins/servables/savedmodel/options.js";
import { firstDifference } from "../../../fixtures/compare.js";
import { readGolden } from "../../../fixtures/golden.js";
import { libtensorflowForTests } from "../../../support/libtensorflow.js";

const fixtures = fileURLToPath(new URL("../../../fixtures/", import.meta.url));
const library = await libtensorflowForTests();
const { signal } = new AbortController();

const load = (path: string, chosen: Record<string, unknown> = {}): Promise<Servable> =>
  savedModelLoader(
    fakeHost(),
    { model: "m", version: 1n, path: fixtures + path },
    options.parse({ engine: "libtensorflow", ...chosen }),
  ).load(signal);

const skipped = "missing" in library ? ` (skipped: ${library.missing})` : "";

describe.skipIf("missing" in library)(`a SavedModel on libtensorflow${skipped}`, () => {
  it.each([
    ["complex_types", "golden.json"],
    ["strings", "golden.json"],
    ["unsupported_op", "golden.json"],
    ["unsupported_op", "golden.plain.json"],
    ["multi_signature", "golden.reduce.json"],
  ])("answers %s, %s", async (name, file) => {
    const { signature, cases } = readGolden(`savedmodels/${name}/${file}`);
    await using servable = await load(`savedmodels/${name}`);
    expect(servable.engine).toMatch(/^libtensorflow 2\./);
    for (const { inputs, outputs, error } of cases) {
      const answer = servable.run({ signature, inputs, signal });
      if (error) await expect(answer).rejects.toMatchObject({ code: "INVALID_ARGUMENT" });
      else expect(firstDifference(await answer, outputs)).toBeUndefined();
    }
  });

  it("takes the graph that the tags say, and sessions as the options have them", async () => {
    const tuned = { intraOpThreads: 1, interOpThreads: 1, gpuMemoryFraction: 0.5, gpuAllowGrowth: true };
    await using servable = await load("savedmodels_broken/no_serve_tag", { tags: ["train"], libtensorflow: tuned });
    expect(Object.keys(servable.signatures)).toContain("serving_default");
    await expect(load("savedmodels_broken/no_serve_tag")).rejects.toMatchObject({
      code: "INVALID_ARGUMENT",
      message: expect.stringMatching(/it has \[train\]/),
    });
  });

  it("gives TensorFlow's own refusals their code, by the node's name", async () => {
    await using servable = await load("savedmodels/unsupported_op");
    const matrix = { dtype: "float32", shape: [3], data: new Float32Array(3) } as const;
    await expect(servable.run({ signature: "serving_default", inputs: { matrix }, signal })).rejects.toMatchObject({
      code: "INVALID_ARGUMENT",
      message: expect.stringMatching(/decompose|Svd|rank/i),
    });
  });

  it("lets a caller go whose deadline has passed", async () => {
    await using servable = await load("savedmodels/unsupported_op");
    const matrix = { dtype: "float32", shape: [1, 1], data: new Float32Array(1) } as const;
    const passed = AbortSignal.abort();
    await expect(
      servable.run({ signature: "serving_default", inputs: { matrix }, signal: passed }),
    ).rejects.toMatchObject({ code: "CANCELLED" });
  });
});
