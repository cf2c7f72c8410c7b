import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { silentLogger, tensor } from "../../../../core/index.js";
import { defaultOrtOptions } from "../../../../plugins/runtimes/onnxruntime/index.js";
import { compile } from "../../../../plugins/servables/savedmodel/compile.js";
import { onnxruntimeServable } from "../../../../plugins/servables/savedmodel/engines/onnxruntime.js";
import { formatObstacle } from "../../../../plugins/servables/savedmodel/lowering/refusal.js";
import { firstDifference } from "../../../fixtures/compare.js";
import { type GoldenTensor, toTensors } from "../../../fixtures/golden.js";

type Case = {
  readonly examples: readonly string[];
  readonly outputs?: Readonly<Record<string, GoldenTensor>>;
  readonly error?: string;
};

const dir = fileURLToPath(new URL("feature-columns/model", import.meta.url));
const cases = JSON.parse(readFileSync(new URL("feature-columns/golden.json", import.meta.url), "utf8")) as Case[];

describe("TensorFlow 1's feature columns answer as TensorFlow does", () => {
  it("wide and deep, out of examples", async () => {
    const compiled = compile({ dir, tags: ["serve"], lower: true });
    expect(Object.values(compiled.obstacles).flat().map(formatObstacle)).toEqual([]);
    const opened = await onnxruntimeServable(compiled, defaultOrtOptions, silentLogger);
    if ("refusal" in opened) throw opened.refusal;
    await using servable = opened.servable;
    const { signal } = new AbortController();
    for (const [i, { examples, outputs, error }] of cases.entries()) {
      const rows = examples.map((each) => new Uint8Array(Buffer.from(each, "base64")));
      const inputs = { examples: tensor("string", [rows.length], rows) };
      const answer = servable.run({ signature: "serving_default", inputs, signal });
      if (outputs) expect(firstDifference(await answer, toTensors(outputs)), `call ${i}`).toBeUndefined();
      else await expect(answer, `call ${i}`).rejects.toMatchObject({ code: "INVALID_ARGUMENT", message: error });
    }
  });
});
