import { create, toBinary } from "@bufbuild/protobuf";
import { describe, expect, it } from "vitest";
import { needsCheckpoint } from "../../../../plugins/runtimes/libtensorflow/variables.js";
import { MetaGraphDefSchema } from "../../../../protos/gen/tensorflow/core/protobuf/meta_graph_pb.js";

const metaGraph = (ops: readonly string[], restoreOpName: string) =>
  toBinary(
    MetaGraphDefSchema,
    create(MetaGraphDefSchema, {
      graphDef: { node: ops.map((op, i) => ({ name: `n${i}`, op })) },
      saverDef: { restoreOpName },
    }),
  );

describe("whether a graph needs its checkpoint", () => {
  it.each(["VarHandleOp", "VariableV2", "Variable"])("a graph with %s and a restore operation does", (op) => {
    expect(needsCheckpoint(metaGraph(["Const", op], "save/restore_all"))).toBe(true);
  });

  it("a graph without variables does not, even with a restore operation", () => {
    expect(needsCheckpoint(metaGraph(["Const", "MatMul"], "save/restore_all"))).toBe(false);
  });

  it("a graph that initializes its variables itself does not", () => {
    expect(needsCheckpoint(metaGraph(["VarHandleOp"], ""))).toBe(false);
    expect(needsCheckpoint(new Uint8Array(0))).toBe(false);
  });
});
