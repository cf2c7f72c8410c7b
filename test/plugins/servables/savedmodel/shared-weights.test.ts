import { expect, it } from "vitest";
import { bytesOf, silentLogger, tensor } from "../../../../core/index.js";
import { defaultOrtOptions, openSession } from "../../../../plugins/runtimes/onnxruntime/index.js";
import { storedConstant } from "../../../../plugins/servables/savedmodel/lowering/constant.js";
import type { OnnxGraph } from "../../../../plugins/servables/savedmodel/onnx/graph.js";
import { createModels } from "../../../../plugins/servables/savedmodel/program/models.js";

const SIZE = 64;

function weight(id: string, value: number) {
  const data = new Float32Array(SIZE * SIZE).fill(value);
  return storedConstant(id, "float32", [SIZE, SIZE], (target) => target.set(bytesOf(data)));
}

/** x · a, then `op` with b. */
function graph(op: string, a: string, b: string): OnnxGraph {
  const initializers = [
    { name: `${op} a`, constant: weight(a, 0.5) },
    { name: `${op} b`, constant: weight(b, 2) },
  ];
  const node = (kind: string, inputs: string[], output: string) => ({
    op: kind,
    name: output,
    inputs,
    outputs: [output],
    attributes: {},
  });
  return {
    nodes: [node("MatMul", ["x", `${op} a`], "h"), node(op, ["h", `${op} b`], "y")],
    initializers,
    inputs: [{ name: "x", dtype: "float32" }],
    outputs: [{ name: "y", dtype: "float32" }],
  };
}

it("what several models use lies in memory once, what one uses stays in it", async () => {
  const models = createModels();
  models.add(graph("MatMul", "trunk", "head"));
  models.add(graph("Add", "trunk", "bias"));
  const { models: written, weights } = models.write();

  expect(weights.map(({ shape }) => shape)).toEqual([[SIZE, SIZE]]);
  expect(written.map((model) => Object.entries(model.weights))).toEqual([[["MatMul a", 0]], [["Add a", 0]]]);
  for (const { bytes } of written) expect(bytes.byteLength).toBeLessThan(2 * SIZE * SIZE * 4);

  const group = {};
  const x = tensor("float32", [1, SIZE], new Float32Array(SIZE).fill(1));
  const answers: (number | undefined)[] = [];
  for (const { bytes, weights: used } of written) {
    const tensors = Object.entries(used).map(([name, place]) => ({ name, tensor: weights[place]! }));
    const session = await openSession({ bytes, weights: { tensors, group } }, defaultOrtOptions, silentLogger);
    const { y } = await session.run({ x }, ["y"], { signal: new AbortController().signal });
    answers.push(Number(y?.data[0]));
    await session[Symbol.asyncDispose]();
  }
  expect(answers).toEqual([SIZE * 0.5 * SIZE * 2, SIZE * 0.5 + 2]);
});

it("one model keeps its weights", () => {
  const models = createModels();
  models.add(graph("MatMul", "trunk", "head"));
  models.add(graph("MatMul", "trunk", "head"));
  const { models: written, weights } = models.write();
  expect(weights).toEqual([]);
  expect(written).toHaveLength(1);
});
