import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { describe, expect, it } from "vitest";
import { openGraph } from "../../../../plugins/servables/savedmodel/graph/graph.js";
import { lowerSignature } from "../../../../plugins/servables/savedmodel/lowering/lower.js";
import { formatObstacle } from "../../../../plugins/servables/savedmodel/lowering/refusal.js";
import type { AttrValueSchema } from "../../../../protos/gen/tensorflow/core/framework/attr_value_pb.js";
import { GraphDefSchema } from "../../../../protos/gen/tensorflow/core/framework/graph_pb.js";
import type { NodeDefSchema } from "../../../../protos/gen/tensorflow/core/framework/node_def_pb.js";
import { OpDefSchema } from "../../../../protos/gen/tensorflow/core/framework/op_def_pb.js";

type Attributes = Record<string, MessageInitShape<typeof AttrValueSchema>>;
const float32 = { value: { case: "type", value: 1 } } as const;
const flag = (value: boolean) => ({ value: { case: "b", value } }) as const;
const spec = (name: string) => ({ dtype: "float32", shape: [-1], name }) as const;

/** What stands in the way of `Relu` when its node has these attributes and its definition knows `strange` as false. */
function obstacles(attr: Attributes): readonly string[] {
  const node: MessageInitShape<typeof NodeDefSchema>[] = [
    { name: "x", op: "Placeholder", attr: { dtype: float32 } },
    { name: "y", op: "Relu", input: ["x"], attr: { T: float32, ...attr } },
  ];
  const relu = create(OpDefSchema, {
    name: "Relu",
    inputArg: [{ name: "features", typeAttr: "T" }],
    outputArg: [{ name: "activations", typeAttr: "T" }],
    attr: [
      { name: "T", type: "type" },
      { name: "strange", type: "bool", defaultValue: flag(false) },
    ],
  });
  const graph = openGraph(create(GraphDefSchema, { node }), new Map([["Relu", relu]]));
  const signature = { inputs: { x: spec("x:0") }, outputs: { y: spec("y:0") } };
  const none = () => {
    throw new Error("there is none");
  };
  const lowering = lowerSignature(graph, signature, { variable: none, table: none });
  return "obstacles" in lowering ? lowering.obstacles.map(formatObstacle) : [];
}

describe("attributes that a rule does not know", () => {
  it("refuse the node when they say something", () => {
    expect(obstacles({ strange: flag(true) })).toEqual(['Relu at "y": its attribute strange is not carried over']);
    expect(obstacles({ unheard: flag(false) })).toEqual(['Relu at "y": its attribute unheard is not carried over']);
  });

  it("do not when they say what is so anyway, or are notes to TensorFlow's runtime", () => {
    expect(obstacles({})).toEqual([]);
    expect(obstacles({ strange: flag(false), _class: flag(true) })).toEqual([]);
  });

  it("refuse the node when their kind is not the one that is wanted", () => {
    expect(obstacles({ T: flag(true) })).toEqual([expect.stringMatching(/^Relu at "y": /)]);
  });
});
