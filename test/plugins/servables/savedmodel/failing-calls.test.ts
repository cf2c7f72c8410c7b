import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { silentLogger, type Tensor, tensor } from "../../../../core/index.js";
import { defaultOrtOptions } from "../../../../plugins/runtimes/onnxruntime/index.js";
import { compile } from "../../../../plugins/servables/savedmodel/compile.js";
import { onnxruntimeServable } from "../../../../plugins/servables/savedmodel/engines/onnxruntime.js";

const { signal } = new AbortController();
const floats = (shape: readonly number[], ...odd: readonly number[]): Tensor =>
  tensor(
    "float32",
    shape,
    Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => odd[i] ?? 0.5),
  );

async function run(folder: string, name: string, values: readonly Tensor[]) {
  const dir = fileURLToPath(new URL(`${folder}/model`, import.meta.url));
  const compiled = compile({ dir, tags: ["serve"], signatures: [name], lower: true });
  const opened = await onnxruntimeServable(compiled, defaultOrtOptions, silentLogger);
  if ("refusal" in opened) throw opened.refusal;
  await using servable = opened.servable;
  const inputs = Object.fromEntries(values.map((value, i) => [`x${i}`, value]));
  return await servable.run({ signature: name, inputs, signal });
}

// ONNX Runtime has another answer than TensorFlow for the second call of each; the first is one like it that is answered.
describe("calls that would be answered otherwise than TensorFlow does fail and say why", () => {
  const odd = [Number.NaN, 1, 2];
  const boxes = floats([2, 4], 0, 0, 1, 1, 0, 2, 1, 3);
  it.each<[string, string, readonly Tensor[], readonly Tensor[], RegExp]>([
    ["control-flow", "LSTM", [floats([2, 5, 3])], [floats([2, 5, 3], ...odd)], /is given NaN or infinity/],
    ["control-flow", "GRU", [floats([2, 5, 3])], [floats([2, 5, 3], ...odd)], /is given NaN or infinity/],
    ["control-flow", "GRU", [floats([2, 5, 3])], [floats([2, 5, 3], Infinity)], /is given NaN or infinity/],
    ["ops", "TopKV2", [floats([1, 3])], [floats([1, 3], ...odd)], /puts NaN in order/],
    ["ops", "sort", [floats([1, 3])], [floats([1, 3], ...odd)], /puts NaN in order/],
    ["ops", "NonMaxSuppression", [boxes, floats([2])], [boxes, floats([2], Number.NaN)], /puts NaN in order/],
    ["ops", "AvgPool_VALID", [floats([1, 2, 2, 2])], [floats([1, 1, 2, 2])], /window that is larger than its image/],
    ["ops", "MaxPool_VALID", [floats([1, 3, 2, 2])], [floats([1, 3, 1, 2])], /window that is larger than its image/],
    ["ops", "Equal_as_written_vectors", [floats([3]), floats([3])], [floats([3]), floats([2])], /cannot be broadcast/],
    [
      "ops",
      "NotEqual_as_written_vectors",
      [floats([3]), floats([1])],
      [floats([3]), floats([2])],
      /cannot be broadcast/,
    ],
    ["ops", "integer_division", [int32(7, 8), int32(2, -1)], [int32(7, 8), int32(2, 0)], /divides by zero/],
    ["ops", "TopKV2", [floats([2, 4])], [floats([2, 1])], /looks for more of the greatest than a row has/],
    ["ops", "GatherV2", [int64(0, 4)], [int64(0, 5)], /is given an index outside of its table/],
    [
      "ops",
      "integers_int32",
      [int32(2, 3, 4), int32(2, 3, 4)],
      [int32(2 ** 31 - 2, 3, 4), int32(2, 3, 4)],
      /yields a product that overflows/,
    ],
    ["ops", "Cumprod_int", [int32(2, 3, 4, 5, 6)], [int32(2 ** 30, 3, 4, 5, 6)], /yields a product that overflows/],
    [
      "ops",
      "Sum_axes_computed",
      [floats([2, 3]), int32(-1)],
      [floats([2, 3]), int32(-3)],
      /reduces along a dimension that its input does not have/,
    ],
  ])("%s %s", async (folder, name, fine, wrong, words) => {
    await expect(run(folder, name, fine)).resolves.toBeDefined();
    const refused = { code: "INVALID_ARGUMENT", message: expect.stringMatching(words) };
    await expect(run(folder, name, wrong)).rejects.toMatchObject(refused);
  });
});

function int32(...items: readonly number[]): Tensor {
  return tensor("int32", [items.length], Int32Array.from(items));
}

function int64(...items: readonly number[]): Tensor {
  return tensor("int64", [1, items.length], BigInt64Array.from(items, BigInt));
}
