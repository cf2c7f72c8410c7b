import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { describe, expect, it } from "vitest";
import { openGraph } from "../../../../plugins/servables/savedmodel/graph/graph.js";
import { variableSources } from "../../../../plugins/servables/savedmodel/graph/variables.js";
import { GraphDefSchema } from "../../../../protos/gen/tensorflow/core/framework/graph_pb.js";
import type { NodeDefSchema } from "../../../../protos/gen/tensorflow/core/framework/node_def_pb.js";

type NodeInit = MessageInitShape<typeof NodeDefSchema>;
const node = (name: string, op: string, input: string[] = [], attr: NodeInit["attr"] = {}): NodeInit => ({
  name,
  op,
  input,
  attr,
});
const words = (name: string, ...items: string[]): NodeInit =>
  node(name, "Const", [], {
    value: {
      value: {
        case: "tensor",
        value: {
          dtype: 7,
          tensorShape: { dim: [{ size: BigInt(items.length) }] },
          stringVal: items.map((item) => Buffer.from(item)),
        },
      },
    },
  });
const shared = (name: string) => ({ shared_name: { value: { case: "s" as const, value: Buffer.from(name) } } });

const restoring: NodeInit[] = [
  node("prefix", "Placeholder"),
  words("names", "key/a", "key/b", "key/c"),
  words("slices", "", "4 0,2", ""),
  node("restore", "RestoreV2", ["prefix", "names", "slices"]),
];
const sources = (nodes: NodeInit[], init: string[] = []) =>
  Object.fromEntries(
    variableSources(
      () => openGraph(create(GraphDefSchema, { node: [...restoring, ...nodes] }), new Map()),
      "all",
      init,
    ),
  );

describe("where variables come from", () => {
  it("is read off the operators that restore them, behind identities, by handle or by reference", () => {
    const found = sources([
      node("handle", "VarHandleOp", [], shared("a")),
      node("reference", "VariableV2"),
      node("same", "Identity", ["restore:0"]),
      node("assign", "AssignVariableOp", ["handle", "same"]),
      node("assign2", "Assign", ["reference", "restore:1"]),
      node("shard", "NoOp", [], {}),
      { name: "all", op: "NoOp", input: ["^assign", "^assign2", "^shard"] },
    ]);
    expect(found).toEqual({ a: { key: "key/a" }, reference: { key: "key/b", slice: "4 0,2" } });
  });

  it("keeps variables apart that TensorFlow made anonymous", () => {
    const anonymous = shared("cd2c89b7-88b7-44c8-ad83-06c2a9158347");
    const found = sources([
      node("one", "VarHandleOp", [], anonymous),
      node("two", "VarHandleOp", [], anonymous),
      node("assign", "AssignVariableOp", ["one", "restore:0"]),
      node("assign2", "AssignVariableOp", ["two", "restore:2"]),
      node("all", "NoOp", ["^assign", "^assign2"]),
    ]);
    expect(found).toEqual({ one: { key: "key/a" }, two: { key: "key/c" } });
  });

  it("is not guessed where the value is computed", () => {
    const found = sources([
      node("handle", "VarHandleOp"),
      node("twice", "AddV2", ["restore:0", "restore:0"]),
      node("assign", "AssignVariableOp", ["handle", "twice"]),
      node("all", "NoOp", ["^assign"]),
    ]);
    expect(found).toEqual({ handle: { unknown: "is computed by AddV2 when the model is restored" } });
  });

  it("is not the checkpoint where the model sets the variable once more when it starts", () => {
    const found = sources(
      [
        node("handle", "VarHandleOp"),
        node("assign", "AssignVariableOp", ["handle", "restore:0"]),
        node("all", "NoOp", ["^assign"]),
        words("other", "x"),
        node("start", "AssignVariableOp", ["handle", "other"]),
        node("init", "NoOp", ["^start"]),
      ],
      ["init"],
    );
    expect(found).toEqual({ handle: { unknown: 'is set by "init" when the model starts' } });
  });
});
