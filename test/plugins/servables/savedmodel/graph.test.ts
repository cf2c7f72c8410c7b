import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { describe, expect, it } from "vitest";
import { openGraph } from "../../../../plugins/servables/savedmodel/graph/graph.js";
import { reach } from "../../../../plugins/servables/savedmodel/graph/reach.js";
import { GraphDefSchema } from "../../../../protos/gen/tensorflow/core/framework/graph_pb.js";
import type { NodeDefSchema } from "../../../../protos/gen/tensorflow/core/framework/node_def_pb.js";

type NodeInit = MessageInitShape<typeof NodeDefSchema>;
const call = (name: string, fn: string, input: string[] = []): NodeInit => ({
  name,
  op: "StatefulPartitionedCall",
  input,
  attr: { f: { value: { case: "func", value: { name: fn } } } },
});
const node = (name: string, op: string, input: string[] = []): NodeInit => ({ name, op, input });
const fn = (name: string, nodes: NodeInit[], result: string, controls: string[] = []) => ({
  signature: { name, inputArg: [{ name: "a" }], outputArg: [{ name: "out" }] },
  nodeDef: nodes,
  ret: { out: result },
  controlRet: Object.fromEntries(controls.map((each) => [each, each])),
});
const open = (nodes: NodeInit[], functions: ReturnType<typeof fn>[] = []) =>
  openGraph(create(GraphDefSchema, { node: nodes, library: { function: functions } }), new Map());

describe("a graph with its functions opened", () => {
  it("leads through calls of calls to the node that computes, and back out to the arguments", () => {
    const graph = open(
      [node("x", "Placeholder"), call("outer", "f", ["x"])],
      [fn("f", [call("inner", "g", ["a"])], "inner:output:0"), fn("g", [node("relu", "Relu", ["a"])], "relu")],
    );
    const { node: relu } = graph.tensor("outer:0");
    expect(relu).toMatchObject({ name: "outer/inner/relu", op: "Relu", fn: "g" });
    expect(graph.inputs(relu).map((input) => input.node.name)).toEqual(["x"]);
  });

  it("keeps two calls of one function apart", () => {
    const graph = open(
      [node("x", "Placeholder"), call("one", "f", ["x"]), call("two", "f", ["one"])],
      [fn("f", [node("relu", "Relu", ["a"])], "relu")],
    );
    const second = graph.tensor("two").node;
    expect(second.name).toBe("two/relu");
    expect(graph.inputs(second)[0]?.node.name).toBe("one/relu");
  });

  it("counts the effects of a function that was entered, and of what it waits for", () => {
    const graph = open(
      [node("x", "Placeholder"), node("first", "Print"), call("c", "f", ["x", "^first"])],
      [
        fn("f", [node("relu", "Relu", ["a"]), node("count", "AssignAddVariableOp"), node("idle", "Print")], "relu", [
          "count",
        ]),
      ],
    );
    const { computed, forced } = reach(graph, [graph.tensor("c")], [], []);
    expect(computed.map(({ name }) => name)).toEqual(["x", "c/relu"]);
    expect(forced.map(({ name }) => name).sort()).toEqual(["c/count", "first"]);
  });

  it("stops at what is fed", () => {
    const graph = open([node("a", "Teleport"), node("b", "Relu", ["a"]), node("c", "Relu", ["b"])]);
    const { computed } = reach(graph, [graph.tensor("c")], [], [graph.tensor("b")]);
    expect(computed.map(({ name }) => name)).toEqual(["c"]);
  });

  it("refuses functions that call themselves, whoever is between", () => {
    const graph = open(
      [node("x", "Placeholder"), call("start", "f", ["x"])],
      [fn("f", [call("there", "g", ["a"])], "there:output:0"), fn("g", [call("back", "f", ["a"])], "back:output:0")],
    );
    expect(() => graph.tensor("start")).toThrow(/function "f" calls itself, at "back"/);
  });

  it("refuses a call whose argument is its own answer", () => {
    const graph = open([call("loop", "f", ["loop"])], [fn("f", [], "a")]);
    expect(() => graph.tensor("loop")).toThrow(/"loop" in the graph uses itself/);
  });

  it("reports loops of nodes instead of walking them forever", () => {
    const graph = open([node("a", "Relu", ["b"]), node("b", "Relu", ["a"])]);
    expect(reach(graph, [graph.tensor("a")], [], []).loops.map(({ name }) => name)).toEqual(["a"]);
  });

  it("refuses functions that multiply without end", () => {
    const layers = Array.from({ length: 40 }, (_, i) =>
      fn(
        `f${i}`,
        [
          call("l", `f${i + 1}`, ["a"]),
          call("r", `f${i + 1}`, ["a"]),
          node("s", "AddV2", ["l:output:0", "r:output:0"]),
        ],
        "s",
      ),
    );
    const graph = open(
      [node("x", "Placeholder"), call("top", "f0", ["x"])],
      [...layers, fn("f40", [node("relu", "Relu", ["a"])], "relu")],
    );
    expect(() => reach(graph, [graph.tensor("top")], [], [])).toThrow(/more than 500000 nodes/);
  });

  it("names a node, a function or an output that is not there", () => {
    expect(() => open([]).tensor("x:0")).toThrow(/"x:0" in the graph uses "x", which does not exist/);
    expect(() => open([call("c", "gone")]).tensor("c")).toThrow(/"c" calls the function "gone", which does not exist/);
    const graph = open([call("c", "f")], [fn("f", [], "a")]);
    expect(() => graph.tensor("c:3")).toThrow(/function "f" has no output number 3/);
    expect(() => graph.tensor("c:0")).toThrow(/"c" calls the function "f" without "a"/);
  });

  it("goes through a chain deeper than the call stack", () => {
    const chain = Array.from({ length: 30_000 }, (_, i) => node(`n${i + 1}`, "Relu", [`n${i}`]));
    const graph = open([node("n0", "Placeholder"), ...chain]);
    expect(reach(graph, [graph.tensor("n30000")], [], []).computed).toHaveLength(30_001);
  });
});
