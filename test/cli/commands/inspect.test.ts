import { cpSync, mkdtempSync, rmSync, statSync, truncateSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, it } from "vitest";
import { salver } from "./run.js";

const root = fileURLToPath(new URL("../../../", import.meta.url));
const quickstart = join(root, "examples/quickstart");
const model = (name: string) => join(quickstart, "models", name);
const fixture = (name: string) => join(root, "test/fixtures", name);

type Data = {
  readonly path: string;
  readonly type: string;
  readonly version: string;
  readonly facts: Record<string, unknown>;
  readonly signatures: Record<string, Record<string, unknown>>;
};

const inspect = async (...args: string[]): Promise<Data> => {
  const { code, stdout, stderr } = await salver("inspect", ...args, "--json");
  expect(stderr).toBe("");
  expect(code).toBe(0);
  return JSON.parse(stdout) as Data;
};

describe("salver inspect", () => {
  it("says what a SavedModel is made of, and how each signature would run", async () => {
    const { type, version, facts, signatures } = await inspect(model("mnist"));
    expect({ type, version }).toEqual({ type: "savedmodel", version: "1" });
    expect(facts).toMatchObject({
      tags: ["serve"],
      tensorflowVersion: expect.stringMatching(/^2\./),
      variables: expect.any(Number),
      functions: ["serve({image: float [-1,28,28,1]})"],
      ops: expect.objectContaining({ Conv2D: 2, MatMul: 2, Softmax: 1 }),
    });
    expect(Object.keys(signatures).sort()).toEqual(["serve", "serving_default"]);
    expect(signatures.serving_default).toMatchObject({
      method: "tensorflow/serving/predict",
      inputs: { image: { dtype: "float32", shape: [-1, 28, 28, 1], name: "serving_default_image:0" } },
      outputs: { probabilities: { dtype: "float32", shape: [-1, 10] } },
      engine: expect.stringMatching(/^onnxruntime\//),
      facts: { onnxModels: 1, hostSteps: {} },
    });
    expect(signatures.serving_default).not.toHaveProperty("obstacles");
  });

  it("counts the weights of a model: half_plus_two has two numbers", async () => {
    const { facts } = await inspect(model("half_plus_two"), "--version", "1");
    expect(facts).toMatchObject({ variables: 2, parameters: 2, bytesOfVariables: 8 });
  });

  it("names what runs in steps of our own", async () => {
    const { signatures } = await inspect(fixture("savedmodels/strings"));
    expect(signatures.serving_default?.facts).toMatchObject({
      hostSteps: { StringJoin: 1, StringLower: 1, StringLength: 1 },
      hostStepsAre: expect.stringMatching(/^operators that Salver itself runs/),
    });
  });

  it("names the operators in the way, with their places, beside the signature that lowers", async () => {
    const { signatures } = await inspect(fixture("savedmodels/unsupported_op"));
    expect(signatures.serving_default?.obstacles).toEqual([
      expect.stringMatching(/^Svd at ".*encoder\/spectrum\/decompose" in the function ".+"$/),
    ]);
    expect(signatures.serving_default).not.toHaveProperty("facts");
    expect(signatures.plain).not.toHaveProperty("obstacles");
    expect(signatures.plain?.engine).toMatch(/^onnxruntime\//);
  });

  it("lists assets and what inputs a call may leave out", async () => {
    expect((await inspect(fixture("savedmodels/assets"))).facts.assets).toEqual([expect.stringMatching(/\.txt$/)]);
    const { signatures } = await inspect(fixture("savedmodels/defaults"));
    const inputs = Object.values(signatures.serving_default?.inputs as Record<string, { hasDefault?: boolean }>);
    expect(inputs.map(({ hasDefault = false }) => hasDefault).sort()).toEqual(expect.arrayContaining([true]));
  });

  it("says what an ONNX file says of itself, by folder or file", async () => {
    const facts = {
      opsets: { "ai.onnx": 17, "ai.onnx.ml": 3 },
      irVersion: 8,
      producer: "salver",
      graph: "iris",
      ops: { "ai.onnx.ml.TreeEnsembleClassifier": 1 },
    };
    for (const path of [model("iris"), join(model("iris"), "1/model.onnx")]) {
      const data = await inspect(path);
      expect(data.type).toBe("onnx");
      expect(data.facts).toMatchObject(facts);
      expect(Object.keys(data.signatures.serving_default?.outputs as object)).toEqual(["label", "probabilities"]);
    }
  });

  it("shows any servable of a config's plugins", async () => {
    const { facts, signatures } = await inspect(
      ...[model("palindrome"), "--type", "palindrome", "--config", quickstart],
    );
    expect(facts).toEqual({});
    expect(signatures.serving_default).toMatchObject({
      inputs: { text: { dtype: "string", shape: [-1] } },
      engine: "javascript",
    });
  });

  it("takes the newest version, or the one that is asked for", async () => {
    const path = model("half_plus_two");
    expect((await inspect(path)).version).toBe("2");
    expect((await inspect(path, "--version", "1")).path).toBe(join(path, "1"));
    expect((await inspect(join(path, "1"))).version).toBe("1");
  });

  it("shows one signature when one is asked for", async () => {
    expect(Object.keys((await inspect(model("mnist"), "--signature", "serve")).signatures)).toEqual(["serve"]);
  });

  it("prints for people in lines of a terminal's width, columns below each other", async () => {
    const { code, stdout } = await salver("inspect", model("mnist"));
    expect(code).toBe(0);
    const lines = stdout.split("\n");
    expect(lines[1]).toBe("savedmodel, version 1");
    expect(Math.max(...lines.slice(1).map(({ length }) => length))).toBeLessThanOrEqual(100);
    expect(stdout).toMatch(/^ {2}inputs +image +float32 {2}\[-1,28,28,1\] {2}serving_default_image:0$/m);
    expect(stdout).toMatch(/^ {2}outputs +probabilities {2}float32 {2}\[-1,10\] +StatefulPartitionedCall_1:0$/m);
    const [tags, parameters] = ["  tags  ", "  parameters  "].map((label) => {
      const line = lines.find((each) => each.startsWith(label)) ?? "";
      return line.length - line.replace(/^ +\S+ +/, "").length;
    });
    expect(tags).toBe(parameters);
  });
});

describe("salver inspect refuses in one sentence:", () => {
  const work = mkdtempSync(join(tmpdir(), "salver-inspect-"));
  afterAll(() => rmSync(work, { recursive: true }));
  cpSync(join(model("iris"), "1/model.onnx"), join(work, "cut.onnx"));

  const refusals: readonly (readonly [what: string, code: number, args: string[], message: RegExp])[] = [
    ["a folder that is not there", 1, [join(work, "nowhere")], /nowhere is not there, or cannot be read$/],
    ["files of no type", 1, [join(root, "test/cli")], /no servable type knows these files/],
    ["a version that is not there", 1, [model("mnist"), "--version", "7"], /mnist has no version 7; it has 1$/],
    ["a version of a version", 1, [join(model("mnist"), "1"), "--version", "7"], /is one version/],
    ["a signature that is not there", 1, [model("mnist"), "--signature", "x"], /no signature "x"; it has "serv/],
    ["a type that nobody brings", 2, [model("mnist"), "--type", "onxx"], /no servable "onxx".*did you mean "onnx"/],
    ["tags where there are none", 2, [model("iris"), "--tags", "serve"], /models of type onnx have no tags/],
    ["tags that the model lacks", 1, [model("mnist"), "--tags", "serve,gpu"], /no graph with the tags \[serve,gpu\]/],
    ["a version that is no number", 2, [model("mnist"), "--version", "x"], /Expected a number such as 3/],
    ["a shard cut short", 1, [fixture("savedmodels_broken/shard_truncated")], /data-00000-of-00001 was cut short/],
    ["a damaged graph", 1, [fixture("savedmodels_broken/truncated_pb")], /saved_model\.pb .* damaged or was cut short/],
  ];
  it.each(refusals)("%s", async (_what, code, args, message) => {
    const ran = await salver("inspect", ...args);
    expect(ran.stdout).toBe("");
    expect(ran.stderr.trim()).toMatch(message);
    expect(ran.stderr.trim().split("\n").length).toBeLessThanOrEqual(code === 2 ? 3 : 1);
    expect(ran.code).toBe(code);
  });

  it("an ONNX file that was cut short", async () => {
    const path = join(work, "cut.onnx");
    truncateSync(path, statSync(path).size - 100);
    const ran = await salver("inspect", path);
    expect(ran).toMatchObject({ code: 1, stderr: "salver: cut.onnx is no ONNX model, or was cut short\n" });
  });
});
