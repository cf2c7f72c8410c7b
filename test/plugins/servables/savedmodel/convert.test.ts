import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Servable, type Signature, shapeFits, type Tensors } from "../../../../core/index.js";
import { fakeHost } from "../../../../core/testing/index.js";
import { onnxLoader } from "../../../../plugins/servables/onnx/loader.js";
import { options } from "../../../../plugins/servables/onnx/options.js";
import { type ConvertOptions, convertSavedModel } from "../../../../plugins/servables/savedmodel/convert/index.js";
import { named } from "../../../../plugins/servables/savedmodel/convert/named.js";
import { firstDifference } from "../../../fixtures/compare.js";
import { type GoldenTensor, readGolden, toTensors } from "../../../fixtures/golden.js";
import { type ZooCall, zoo } from "../../../fixtures/zoo/golden.js";

const { signal } = new AbortController();
const fixtures = fileURLToPath(new URL("../../../fixtures/", import.meta.url));

let work = "";
beforeEach(() => {
  work = mkdtempSync(join(tmpdir(), "salver-convert-"));
});
afterEach(() => rmSync(work, { recursive: true }));

const convert = (dir: string, chosen: Partial<ConvertOptions> = {}) =>
  convertSavedModel(
    {
      dir,
      tags: ["serve"],
      out: join(work, "model.onnx"),
      externalData: false,
      force: false,
      producerVersion: "1.2.3",
      ...chosen,
    },
    signal,
  );
const load = (path = join(work, "model.onnx")): Promise<Servable> =>
  onnxLoader(fakeHost(), { model: "m", version: 1n, path }, options.parse({})).load(signal);

function model(name: string) {
  const found = zoo.find((each) => each.name === name);
  if (!found) throw new Error(`the zoo has no model ${name}`);
  return found;
}

/** A file takes the shapes that the signature declares, where the served model is lenient; empty tensors are for the latter. */
const fits = ({ inputs }: Signature, call: ZooCall) =>
  call.outputs !== undefined &&
  Object.entries(call.inputs).every(
    ([key, { shape }]) => !shape.includes(0) && shapeFits(shape, inputs[key]?.shape ?? null),
  );

/** One of each kind: what they are made of differs most. */
const kinds = [
  "mlp",
  "deepfm",
  "resnet_v1",
  "unet_transposed",
  "lstm",
  "flow_while",
  "two_tower",
  "tf1_cond",
  "tf1_mlp",
];

describe("a converted model answers as TensorFlow does, by the names of its signature", () => {
  it.each(kinds)("%s", async (name) => {
    const { path, calls } = model(name);
    const { signature, notes } = await convert(path);
    expect(notes).toEqual([]);
    await using servable = await load();
    const declared = servable.signatures.serving_default!;
    const able = calls().filter((call) => call.signature === signature && fits(declared, call));
    expect(able.length).toBeGreaterThan(0);
    for (const { inputs, outputs = {} } of able) {
      const answer = await servable.run({ signature: "serving_default", inputs, signal });
      expect(firstDifference(answer, outputs, 1e-4, 0.1)).toBeUndefined();
    }
  });

  it("declares types and shapes as the signature does", async () => {
    await convert(model("deepfm").path);
    const { survey } = await import("../../../../plugins/servables/savedmodel/inspect/survey.js");
    const { signatures } = survey({ dir: model("deepfm").path, tags: ["serve"] });
    await using servable = await load();
    for (const side of ["inputs", "outputs"] as const) {
      const bare = (specs: Signature["inputs"]) =>
        Object.fromEntries(Object.entries(specs).map(([key, { dtype, shape }]) => [key, { dtype, shape }]));
      expect(bare(servable.signatures.serving_default![side])).toEqual(bare(signatures.serving_default![side]));
    }
  });

  it("keeps weights in a data file beside it when asked to", async () => {
    const { path, calls } = model("resnet_v1");
    const whole = await convert(path, { out: join(work, "whole.onnx") });
    const { files } = await convert(path, { externalData: true });
    expect(files).toEqual([join(work, "model.onnx"), join(work, "model.onnx.data")]);
    expect(statSync(files[1]!).size).toBeGreaterThanOrEqual(4096);
    expect(statSync(files[0]!).size).toBeLessThan(statSync(whole.files[0]!).size);
    await using servable = await load();
    const call = calls().find((each) => fits(servable.signatures.serving_default!, each))!;
    const answer = await servable.run({ signature: "serving_default", inputs: call.inputs, signal });
    expect(firstDifference(answer, call.outputs!, 1e-4, 0.1)).toBeUndefined();
  });

  it("gives an output another name where an input has its own, and says so", async () => {
    const { notes } = await convert(model("autoencoder").path);
    expect(notes).toEqual([expect.stringMatching(/output "image" is called "image~1"/)]);
  });

  it("lets inputs that have a default be left out", async () => {
    await convert(join(fixtures, "savedmodels/defaults"));
    await using servable = await load();
    const { inputs: declared } = servable.signatures.serving_default!;
    expect(Object.values(declared).filter(({ optional }) => optional)).not.toEqual([]);
    const calls = readGolden("savedmodels/defaults/golden.json").cases.filter(({ error }) => !error);
    const short = calls.filter(({ inputs }) => Object.keys(inputs).length < Object.keys(declared).length);
    expect(short).not.toEqual([]);
    for (const { inputs, outputs } of short) {
      const answer = await servable.run({ signature: "serving_default", inputs, signal });
      expect(firstDifference(answer, outputs)).toBeUndefined();
    }
  });
});

it("a value inside that bears an output's name changes places with it, in graphs inside too", () => {
  const inner = { nodes: [], initializers: [], inputs: [], outputs: [{ name: "y", dtype: "float32" as const }] };
  const node = (op: string, inputs: string[], outputs: string[], attributes = {}) => ({
    ...{ op, name: op, inputs, outputs, attributes },
  });
  const graph = {
    nodes: [
      node("Relu", ["x"], ["y"]),
      node("If", ["y"], ["z"], { then_branch: { graph: inner } }),
      node("Identity", ["z"], ["y~1"]),
    ],
    initializers: [],
    inputs: [{ name: "x", dtype: "float32" as const }],
    outputs: [{ name: "y~1", dtype: "float32" as const }],
  };
  const spec = { dtype: "float32" as const, shape: [-1, 2] };
  const signature = { inputs: { x: spec }, outputs: { y: spec } };
  const result = named(graph, { inputs: { x: "x" }, outputs: { y: "y~1" } }, signature);
  expect(result.outputs).toEqual({ y: "y" });
  expect(result.graph.outputs).toEqual([{ name: "y", ...spec }]);
  expect(result.graph.inputs).toEqual([{ name: "x", ...spec }]);
  expect(result.graph.nodes.map(({ inputs, outputs }) => [...inputs, ...outputs])).toEqual([
    ["x", "y~1"],
    ["y~1", "z"],
    ["z", "y"],
  ]);
  expect(result.graph.nodes[1]?.attributes).toMatchObject({ then_branch: { graph: { outputs: [{ name: "y~1" }] } } });
});

describe("what cannot be converted leaves nothing behind:", () => {
  const refusals: readonly (readonly [what: string, dir: string, chosen: Partial<ConvertOptions>, RegExp])[] = [
    [
      "steps of our own",
      model("wide_and_deep").path,
      {},
      /Salver runs these in steps of its own.*:\n {2}DenseBincount at ".+bincount\/DenseBincount"$/,
    ],
    [
      "operators that do not lower",
      join(fixtures, "savedmodels/unsupported_op"),
      {},
      /"serving_default" does not lower to ONNX; in the way are:\n {2}Svd at ".+" in the function ".+"$/,
    ],
    [
      "a signature that is not there",
      model("mlp").path,
      { signature: "x" },
      /no signature "x"; it has .*"serving_default"/,
    ],
    ["broken files", join(fixtures, "savedmodels_broken/shard_checksum"), {}, /wrong checksum/],
    ["other tags", model("mlp").path, { tags: ["gpu"] }, /no graph with the tags \[gpu\]/],
  ];
  it.each(refusals)("%s", async (_what, dir, chosen, message) => {
    await expect(convert(dir, chosen)).rejects.toThrow(message);
    expect(readdirSync(work)).toEqual([]);
  });

  it("a folder that is not there", async () => {
    await expect(convert(model("mlp").path, { out: join(work, "no/model.onnx") })).rejects.toThrow(
      /nothing can be written to .*no/,
    );
  });

  it("a cancelled conversion", async () => {
    const { path } = model("mlp");
    const controller = new AbortController();
    const request = { dir: path, tags: ["serve"], externalData: false, force: false, producerVersion: "1" };
    const running = convertSavedModel({ ...request, out: join(work, "model.onnx") }, controller.signal);
    controller.abort();
    await expect(running).rejects.toMatchObject({ code: "CANCELLED" });
    expect(readdirSync(work)).toEqual([]);
  });
});

describe("files that are there", () => {
  it("are not replaced, the data file neither", async () => {
    for (const name of ["model.onnx", "model.onnx.data"]) {
      writeFileSync(join(work, name), "mine");
      await expect(convert(model("mlp").path)).rejects.toThrow(/exists already; --force replaces it/);
      expect(readdirSync(work)).toEqual([name]);
      expect(readFileSync(join(work, name), "utf8")).toBe("mine");
      rmSync(join(work, name));
    }
  });

  it("are replaced when that is asked for, and the data of another model do not stay beside a whole one", async () => {
    await convert(model("resnet_v1").path, { externalData: true });
    await convert(model("mlp").path, { force: true });
    expect(existsSync(join(work, "model.onnx.data"))).toBe(false);
    await using servable = await load();
    expect(servable.engine).toMatch(/^onnxruntime/);
  });
});

const python = process.env.SALVER_TEST_PYTHON;
const ready = python !== undefined && spawnSync(python, ["-c", "import onnx, onnxruntime, numpy"]).status === 0;

describe("Python's ONNX", () => {
  it("accepts converted models, and its runtime answers as TensorFlow does", async (ctx) => {
    if (!python || !ready) return ctx.skip("SALVER_TEST_PYTHON names no Python with onnx and onnxruntime");
    const asked: { readonly line: string; readonly outputs: Tensors }[] = [];
    for (const name of ["mlp", "resnet_v1", "lstm", "flow_while"]) {
      const out = join(work, `${name}.onnx`);
      await convert(model(name).path, { out, externalData: name === "resnet_v1" });
      await using servable = await load(out);
      const call = model(name)
        .calls()
        .find((each) => fits(servable.signatures.serving_default!, each))!;
      const inputs = Object.entries(call.inputs).map(([key, { dtype, shape, data }]) => [
        key,
        { dtype, shape, data: Array.from(data as ArrayLike<number | bigint>, Number) },
      ]);
      asked.push({
        line: JSON.stringify({ path: out, inputs: Object.fromEntries(inputs) }),
        outputs: call.outputs!,
      });
    }
    const script = fileURLToPath(new URL("convert/check.py", import.meta.url));
    const input = asked.map(({ line }) => `${line}\n`).join("");
    const { stdout, stderr, status } = spawnSync(python, [script], { input, encoding: "utf8" });
    expect(status, stderr).toBe(0);
    const answers = stdout.trim().split("\n");
    expect(answers).toHaveLength(asked.length);
    for (const [i, { outputs }] of asked.entries()) {
      const answer = JSON.parse(answers[i]!) as {
        opset: number;
        producer: string;
        outputs: Record<string, GoldenTensor>;
      };
      expect(answer).toMatchObject({ opset: 21, producer: "salver 1.2.3" });
      expect(firstDifference(toTensors(answer.outputs), outputs, 1e-4, 0.1)).toBeUndefined();
    }
  });
});
