import { describe, expect, it } from "vitest";
import { type DType, record, type Tensor, tensor } from "../../../../core/index.js";
import type { OrtSession } from "../../../../plugins/runtimes/onnxruntime/index.js";
import { constantOf } from "../../../../plugins/servables/savedmodel/lowering/constant.js";
import { cut } from "../../../../plugins/servables/savedmodel/program/cut.js";
import type { FlatGraph, FlatNode } from "../../../../plugins/servables/savedmodel/program/flat.js";
import type { Program } from "../../../../plugins/servables/savedmodel/program/program.js";
import { openProgram } from "../../../../plugins/servables/savedmodel/program/run.js";
import { createPace } from "../../../../plugins/servables/savedmodel/steps/pace.js";

const onnx = (op: string, inputs: string, outputs: string): FlatNode => ({
  op,
  name: outputs,
  inputs: inputs.split(" "),
  outputs: outputs.split(" "),
  attributes: {},
});
const host = (name: string, inputs: string, outputs: string): FlatNode => ({
  host: name,
  name,
  attributes: {},
  inputs: inputs.split(" "),
  outputs: outputs.split(" "),
});

/** Names that begin with s are strings, all others floats; x and s are inputs, w is a weight, k a small constant. */
function graph(nodes: readonly FlatNode[], outputs: string): FlatGraph {
  const dtype = (name: string): DType => (name.startsWith("s") ? "string" : "float32");
  const names = new Set(["x", "s", "w", "k", ...nodes.flatMap((node) => [...node.inputs, ...node.outputs])]);
  const floats = (count: number) => constantOf(tensor("float32", [count], new Float32Array(count)));
  return {
    nodes,
    initializers: [
      { name: "w", constant: floats(2 ** 20 + 1) },
      { name: "k", constant: floats(2) },
    ],
    inputs: ["x", "s"].map((name) => ({ name, dtype: dtype(name) })),
    outputs: outputs.split(" ").map((name) => ({ name, dtype: dtype(name) })),
    types: new Map([...names].map((name) => [name, dtype(name)])),
  };
}

/** Steps as text: a host operator's name, or the operators of a piece with what goes in and comes out. */
const described = (given: FlatGraph): string[] =>
  cut(given).steps.map((step) => {
    if (step.kind === "host")
      return step.op === "Onnx" ? (step.attributes as { op: string }).op.toLowerCase() : step.op;
    const list = (values: readonly { readonly name: string }[]) => values.map(({ name }) => name).join(",");
    const { nodes, inputs, outputs } = step.graph;
    return `${list(inputs)} > ${nodes.map((node) => ("op" in node ? node.op : "?")).join(" ")} > ${list(outputs)}`;
  });

describe("a graph", () => {
  it("without host steps is one piece with all of its inputs, used or not", () => {
    expect(described(graph([onnx("MatMul", "x w", "y")], "y"))).toEqual(["x,s > MatMul > y"]);
  });

  it("is one piece behind what its inputs take, whatever else does not wait for it", () => {
    const nodes = [onnx("Tanh", "x", "t"), host("A", "s", "a"), onnx("MatMul", "a w", "m"), onnx("Sum", "m t", "y")];
    expect(described(graph(nodes, "y"))).toEqual(["A", "x,a > Tanh MatMul Sum > y"]);
  });

  it("is cut once for all host steps at one depth, and again only for what needs it", () => {
    const nodes = [
      onnx("MatMul", "x w", "m"),
      host("A", "m", "a"),
      onnx("Tanh", "m", "t"),
      host("B", "t", "b"),
      onnx("Sum", "a b t", "y"),
      host("C", "y", "s1"),
    ];
    expect(described(graph(nodes, "s1"))).toEqual(["x > MatMul Tanh > m,t", "A", "B", "a,b,t > Sum > y", "C"]);
  });

  it("has small things between two host steps computed there, and its weights left to ONNX Runtime", () => {
    const nodes = [host("A", "s", "a"), onnx("Add", "a k", "b"), host("B", "b", "c"), onnx("Add", "c w", "y")];
    expect(described(graph(nodes, "y"))).toEqual(["A", "add", "B", "c > Add > y"]);
    expect(Object.keys(cut(graph(nodes, "y")).constants)).toEqual(["k"]);
  });

  it("has what depends on no call in the model that uses it, and computes what the host uses of it once", () => {
    const nodes = [
      onnx("Add", "k k", "v"),
      onnx("Transpose", "w", "t"),
      onnx("Gather", "k v", "g"),
      onnx("Mul", "x v", "n"),
      onnx("MatMul", "n t", "m"),
      onnx("Add", "m v", "i"),
      host("A", "i g", "s1"),
    ];
    expect(described(graph(nodes, "s1"))).toEqual(["x > Add Transpose Mul MatMul Add > i", "A"]);
    const { once, constants } = cut(graph(nodes, "s1"));
    expect(once.flatMap(({ outputs }) => outputs)).toEqual(["v", "g"]);
    expect(Object.keys(constants)).toEqual(["k"]);
  });

  it("ends on the host when only small things are left", () => {
    const nodes = [
      onnx("MatMul", "x w", "m"),
      host("A", "m", "a"),
      onnx("Add", "a k", "b"),
      onnx("Mul", "b x", "y"),
      onnx("Add", "x k", "z"),
    ];
    expect(described(graph(nodes, "y z"))).toEqual(["x > MatMul Add > m,z", "A", "add", "mul"]);
  });

  it("needs no piece at all where the host can do everything", () => {
    const nodes = [host("A", "s", "a"), onnx("Add", "a x", "b"), onnx("Identity", "b", "y")];
    expect(described(graph(nodes, "y"))).toEqual(["A", "add", "identity"]);
  });

  it("keeps strings out of ONNX Runtime where the host can move them as well", () => {
    const nodes = [
      onnx("Expand", "s k", "s1"),
      host("A", "x", "a"),
      onnx("MatMul", "a w", "y"),
      onnx("Identity", "s1", "s2"),
    ];
    expect(described(graph(nodes, "y s2"))).toEqual(["expand", "A", "identity", "a > MatMul > y"]);
  });
});

describe("a program", () => {
  const { signal } = new AbortController();
  const text = (value: string): Tensor => tensor("string", [1], [new Uint8Array(Buffer.from(value))]);
  const lower = { kind: "host", op: "StringLower", attributes: { encoding: "" }, name: "l" } as const;
  const program = (steps: Program["steps"], outputs: Record<string, string>): Program => ({
    inputs: record([["in", "a"]]),
    outputs,
    ranks: {},
    least: {},
    constants: {},
    once: [],
    steps,
  });
  const ran: string[][] = [];
  const session = (run: OrtSession["run"]) => ({ run }) as OrtSession;

  it("runs only the steps that the wanted outputs take, and asks a model only for what is used", async () => {
    const model = { kind: "model", model: 0, inputs: { i: "b" }, outputs: { p: "c", q: "d" } } as const;
    const steps = [{ ...lower, inputs: ["a"], outputs: ["b"] }, model];
    const run = openProgram(
      program(steps, { lowered: "b", p: "c", q: "d" }),
      new Map([
        [
          0,
          session(async (inputs, names) => {
            ran.push([...names]);
            return record(names.map((name) => [name, inputs.i!] as const));
          }),
        ],
      ]),
    );
    expect(await run({ in: text("AB") }, ["lowered"], { signal })).toEqual({ lowered: text("ab") });
    expect(ran).toEqual([]);
    expect(await run({ in: text("AB") }, ["q"], { signal })).toEqual({ q: text("ab") });
    expect(ran).toEqual([["q"]]);
    await expect(run({}, ["q"], { signal })).rejects.toMatchObject({
      code: "INVALID_ARGUMENT",
      message: 'input "in" is missing',
    });
  });

  it("ends between two steps when the request is cancelled", async () => {
    const controller = new AbortController();
    const model = { kind: "model", model: 0, inputs: { i: "a" }, outputs: { o: "b" } } as const;
    const steps = [model, { ...lower, inputs: ["b"], outputs: ["c"] }];
    const run = openProgram(
      program(steps, { y: "c" }),
      new Map([
        [
          0,
          session(async (inputs) => {
            controller.abort();
            return { o: inputs.i! };
          }),
        ],
      ]),
    );
    await expect(run({ in: text("A") }, ["y"], { signal: controller.signal })).rejects.toMatchObject({
      code: "CANCELLED",
    });
  });
});

describe("the pace of host steps", () => {
  it("does short work at once, and lets the event loop turn within long work", async () => {
    const pace = createPace(new AbortController().signal);
    const seen: number[] = [];
    expect(pace.each(3, (i) => seen.push(i))).toBeUndefined();
    expect(seen).toEqual([0, 1, 2]);
    let turned = false;
    setImmediate(() => {
      turned = true;
    });
    let last = -1;
    const busy = (i: number) => {
      for (const until = performance.now() + 0.5; performance.now() < until; );
      expect(i).toBe(last + 1);
      last = i;
    };
    await pace.each(40, busy);
    expect([turned, last]).toEqual([true, 39]);
  });
});
