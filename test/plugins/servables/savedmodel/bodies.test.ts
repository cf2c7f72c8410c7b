import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { describe, expect, it } from "vitest";
import { condContexts } from "../../../../plugins/servables/savedmodel/graph/cond-contexts.js";
import { withContexts } from "../../../../plugins/servables/savedmodel/graph/contexts.js";
import { openGraph } from "../../../../plugins/servables/savedmodel/graph/graph.js";
import { behindIdentities } from "../../../../plugins/servables/savedmodel/graph/identities.js";
import { standardOps } from "../../../../plugins/servables/savedmodel/graph/op-defs/op-defs.js";
import { reach } from "../../../../plugins/servables/savedmodel/graph/reach.js";
import { whileContexts } from "../../../../plugins/servables/savedmodel/graph/while-contexts.js";
import { GraphDefSchema } from "../../../../protos/gen/tensorflow/core/framework/graph_pb.js";
import type { NodeDefSchema } from "../../../../protos/gen/tensorflow/core/framework/node_def_pb.js";
import { DataType } from "../../../../protos/gen/tensorflow/core/framework/types_pb.js";

type NodeInit = MessageInitShape<typeof NodeDefSchema>;
const node = (name: string, op: string, input: string[] = []): NodeInit => ({ name, op, input });
const func = (name: string) => ({ value: { case: "func" as const, value: { name } } });
const float = { value: { case: "list" as const, value: { type: [DataType.DT_FLOAT] } } };
const branch = (name: string, yes: string, no: string, input: string[]): NodeInit => ({
  name,
  op: "If",
  input,
  attr: { Tout: float, then_branch: func(yes), else_branch: func(no) },
});
const fn = (name: string, nodes: NodeInit[], result: string, controls: string[] = []) => ({
  signature: { name, inputArg: [{ name: "a" }], outputArg: [{ name: "out" }] },
  nodeDef: nodes,
  ret: { out: result },
  controlRet: Object.fromEntries(controls.map((each) => [each, each])),
});
const open = (nodes: NodeInit[], functions: ReturnType<typeof fn>[] = []) =>
  withContexts(openGraph(create(GraphDefSchema, { node: nodes, library: { function: functions } }), standardOps()), [
    whileContexts,
    condContexts,
  ]);

/** Opens the first branch of the main graph's branch, of the branch in there, and so on. */
const openAll = (graph: ReturnType<typeof open>, depth: number) => () => {
  let body = graph.body(graph.tensor("if").node, "then_branch");
  for (let i = 0; i < depth; i++) body = body.body(body.results[0]!.node, "then_branch");
};

describe("the functions that nodes run", () => {
  const feeds = [node("p", "Placeholder"), node("x", "Placeholder")];

  it("are scopes of their own: their parameters stand for themselves, their effects are not the caller's", () => {
    const graph = open(
      [...feeds, branch("if", "f", "g", ["p", "x"])],
      [
        fn("f", [node("relu", "Relu", ["a"]), node("said", "Print", ["a"])], "relu:activations:0", ["said"]),
        fn("g", [], "a"),
      ],
    );
    const { node: choice } = graph.tensor("if");
    const [yes, no] = [graph.body(choice, "then_branch"), graph.body(choice, "else_branch")];
    expect(yes.results[0]?.node.name).toBe("if/then_branch/relu");
    expect(yes.inputs(yes.results[0]!.node)).toEqual(yes.parameters);
    expect(no.results).toEqual(no.parameters);
    expect(yes.effects().map(({ name }) => name)).toEqual(["if/then_branch/said"]);
    expect(graph.effects()).toEqual([]);
    expect(reach(yes, yes.results, [], yes.parameters).computed.map(({ op }) => op)).toEqual(["Relu"]);
  });

  it("must exist", () => {
    const graph = open([...feeds, branch("if", "f", "f", ["p", "x"])]);
    expect(() => graph.body(graph.tensor("if").node, "then_branch")).toThrow('"if" runs the function "f", which does');
  });

  it("may not run themselves, whoever is between", () => {
    const graph = open(
      [...feeds, branch("if", "f", "f", ["p", "x"])],
      [
        fn("f", [branch("there", "g", "g", ["a", "a"])], "there:output:0"),
        fn("g", [branch("back", "f", "f", ["a", "a"])], "back:output:0"),
      ],
    );
    expect(openAll(graph, 2)).toThrow('the function "f" calls itself, at "back"');
  });

  it("may not be nested without end", () => {
    const functions = Array.from({ length: 100 }, (_, i) =>
      fn(`f${i}`, [branch("next", `f${i + 1}`, `f${i + 1}`, ["a", "a"])], "next:output:0"),
    );
    const graph = open([...feeds, branch("if", "f0", "f0", ["p", "x"])], functions);
    expect(openAll(graph, 100)).toThrow('loops and branches are nested too deeply at "next"');
  });
});

describe("branches of TensorFlow 1", () => {
  const feeds = [node("p", "Placeholder"), node("x", "Placeholder")];
  const merged = (a: string, b: string) => [
    ...feeds,
    node("s", "Switch", ["x", "p"]),
    node("yes", "Relu", ["s:1"]),
    node("no", "Neg", ["s"]),
    node("m", "Merge", [a, b]),
  ];

  it.each([
    ["false first", "no", "yes"],
    ["true first", "yes", "no"],
  ])("are found with their sides, %s", (_, a, b) => {
    const graph = open(merged(a, b));
    const { node: context } = graph.tensor("m");
    expect(context).toMatchObject({ op: "CondContext", name: "m" });
    expect(graph.inputs(context).map((input) => input.node.name)).toEqual(["p", "x", "x"]);
    expect(graph.body(context, "then_branch").results[0]?.node.name).toBe("yes");
    expect(graph.body(context, "else_branch").results[0]?.node.name).toBe("no");
  });

  it("stay as they are where both sides hang on the same side of a switch", () => {
    expect(open(merged("yes", "yes")).tensor("m").node.op).toBe("Merge");
  });

  it("stay as they are where they lead back to themselves", () => {
    expect(open([...feeds, node("m", "Merge", ["r", "r"]), node("r", "Relu", ["m"])]).tensor("m").node.op).toBe(
      "Merge",
    );
  });
});

it("identities in a circle are followed to no end", () => {
  const graph = open([node("a", "Identity", ["b"]), node("b", "Identity", ["a"])]);
  expect(behindIdentities(graph, graph.tensor("a")).node.op).toBe("Identity");
});
