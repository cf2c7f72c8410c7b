import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, it } from "vitest";
import { salver } from "./run.js";

const models = fileURLToPath(new URL("../../../examples/quickstart/models/", import.meta.url));
const work = mkdtempSync(join(tmpdir(), "salver-convert-"));
afterAll(() => rmSync(work, { recursive: true }));

describe("salver convert", () => {
  it("writes the newest version of a model, once unless forced, and says what it wrote", async () => {
    const args = ["convert", join(models, "half_plus_two"), join(work, "half.onnx")];
    const first = await salver(...args);
    expect(first).toMatchObject({ code: 0, stderr: "" });
    expect(first.stdout).toMatch(/^half\.onnx \(\d+ B\): signature serving_default, \d+ nodes, opset 21\n$/);
    const second = await salver(...args);
    expect(second).toMatchObject({ code: 1, stdout: "" });
    expect(second.stderr).toMatch(/half\.onnx exists already; --force replaces it/);
    expect((await salver(...args, "--force")).code).toBe(0);
    expect(readdirSync(work)).toEqual(["half.onnx"]);
    const { stdout } = await salver("inspect", join(work, "half.onnx"), "--json");
    expect(JSON.parse(stdout)).toMatchObject({
      facts: { producer: expect.stringMatching(/^salver \d/), opsets: { "ai.onnx": 21 } },
      signatures: { serving_default: { inputs: { x: { dtype: "float32" } } } },
    });
  });

  it("writes the signature and the version that are asked for, with its weights beside it", async () => {
    const out = join(work, "mnist.onnx");
    const asked = ["--signature", "serve", "--version", "1", "--tags", "serve", "--external-data"];
    const { code, stdout } = await salver("convert", join(models, "mnist"), out, ...asked);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^mnist\.onnx \(.*\) and mnist\.onnx\.data \(.*\): signature serve, /);
  });

  it("refuses what is no SavedModel with 1, and a wrong command line with 2", async () => {
    const out = join(work, "iris.onnx");
    const iris = await salver("convert", join(models, "iris"), out);
    expect(iris).toMatchObject({ code: 1, stdout: "" });
    expect(iris.stderr).toMatch(/is of type onnx; only SavedModels are converted/);
    expect((await salver("convert", join(models, "mnist"))).code).toBe(2);
    expect((await salver("convert", join(models, "mnist"), out, "--version", "one")).code).toBe(2);
  });
});
