import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { type Servable, type Tensors, tensor } from "../../../../core/index.js";
import { fakeHost } from "../../../../core/testing/index.js";
import { censusOf } from "../../../../plugins/runtimes/onnxruntime/census.js";
import { compile } from "../../../../plugins/servables/savedmodel/compile.js";
import { savedModelLoader } from "../../../../plugins/servables/savedmodel/loader.js";
import { options } from "../../../../plugins/servables/savedmodel/options.js";

const folder = (path: string) => fileURLToPath(new URL(`../../../../${path}`, import.meta.url));
const quickstart = (name: string) => folder(`examples/quickstart/models/${name}/1`);
const zoo = (name: string) => folder(`test/fixtures/zoo/models/${name}`);
const { signal } = new AbortController();

async function operatorsOf(dir: string): Promise<ReadonlySet<string>> {
  const { models } = compile({ dir, tags: ["serve"], lower: true });
  const all = await Promise.all(models.map(({ bytes }) => censusOf({ bytes }, Number.POSITIVE_INFINITY)));
  return new Set(all.flatMap((census) => [...(census?.ops ?? [])]));
}

const load = (path: string): Promise<Servable> =>
  savedModelLoader(fakeHost(), { model: "m", version: 1n, path }, options.parse({ engine: "onnxruntime" })).load(
    signal,
  );

it.each([
  ["a shape that keeps the batch is not computed", quickstart("mnist"), ["Reshape"], ["Shape", "Concat"]],
  ["indices counted from the end are left to Gather", quickstart("deepfm"), ["Gather"], ["Less", "Where"]],
  ["numbers for rows of embeddings are widened", quickstart("deepfm"), ["MatMul", "Squeeze"], []],
  ["gelu is one operator", zoo("transformer_encoder"), ["Gelu"], ["Erf"]],
] as const)("%s", async (_, dir, present, absent) => {
  const operators = await operatorsOf(dir);
  for (const op of present) expect(operators).toContain(op);
  for (const op of absent) expect(operators).not.toContain(op);
});

it("an image of another size is refused, not read as more rows", async () => {
  await using servable = await load(quickstart("mnist"));
  // Twice as high: 1600 values behind the last pooling, where the network takes 800.
  const image = tensor("float32", [1, 56, 28, 1], new Float32Array(56 * 28));
  const answer = servable.run({ signature: "serving_default", inputs: { image }, signal });
  await expect(answer).rejects.toMatchObject({ code: "INVALID_ARGUMENT" });
});

it("an image that is smaller than the signature's is refused: a window might not fit", async () => {
  await using servable = await load(quickstart("mnist"));
  const image = tensor("float32", [1, 28, 5, 1], new Float32Array(28 * 5));
  const answer = servable.run({ signature: "serving_default", inputs: { image }, signal });
  const message = 'input "image" has the shape [1,28,5,1]; the model\'s operators take [-1,28,28,1], or larger';
  await expect(answer).rejects.toMatchObject({ code: "INVALID_ARGUMENT", message });
});

it("ids from the end mean the last rows, and those beyond are refused", async () => {
  await using servable = await load(quickstart("deepfm"));
  const rows = 768;
  const inputs = (id: number): Tensors => ({
    feat_ids: tensor("int64", [1, 39], new BigInt64Array(39).fill(BigInt(id))),
    feat_vals: tensor("float32", [1, 39], new Float32Array(39).fill(0.5)),
  });
  const ask = (id: number) => servable.run({ signature: "serving_default", inputs: inputs(id), signal });
  expect(await ask(-1)).toEqual(await ask(rows - 1));
  expect(await ask(-rows)).toEqual(await ask(0));
  for (const id of [-rows - 1, rows]) await expect(ask(id)).rejects.toMatchObject({ code: "INVALID_ARGUMENT" });
});
