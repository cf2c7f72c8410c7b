import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { create, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import type { FunctionDefSchema } from "../../../../protos/gen/tensorflow/core/framework/function_pb.js";
import type { NodeDefSchema } from "../../../../protos/gen/tensorflow/core/framework/node_def_pb.js";
import type { TensorProtoSchema } from "../../../../protos/gen/tensorflow/core/framework/tensor_pb.js";
import { DataType } from "../../../../protos/gen/tensorflow/core/framework/types_pb.js";
import { SavedModelSchema } from "../../../../protos/gen/tensorflow/core/protobuf/saved_model_pb.js";

export type NodeInit = MessageInitShape<typeof NodeDefSchema>;
export type FunctionInit = MessageInitShape<typeof FunctionDefSchema>;

const { DT_FLOAT } = DataType;
const type = (value: DataType) => ({ value: { case: "type" as const, value } });
const dims = (...sizes: readonly bigint[]) => ({ dim: sizes.map((size) => ({ size })) });

/** A node of float tensors. */
export const node = (name: string, op: string, input: string[], attr: NodeInit["attr"] = {}): NodeInit => ({
  ...{ name, op, input },
  attr: { T: type(DT_FLOAT), ...attr },
});

export const int = (value: bigint) => ({ value: { case: "i" as const, value } });

/** A constant that declares a shape and holds what it likes. */
export function constant(
  name: string,
  shape: readonly bigint[],
  contents: Pick<MessageInitShape<typeof TensorProtoSchema>, "floatVal" | "intVal" | "tensorContent">,
  dtype = DT_FLOAT,
): NodeInit {
  const tensor = { dtype, tensorShape: dims(...shape), ...contents };
  const value = { value: { case: "tensor" as const, value: tensor } };
  return { name, op: "Const", input: [], attr: { dtype: type(dtype), value } };
}

export const call = (name: string, fn: string, input: string[]): NodeInit => ({
  ...{ name, op: "PartitionedCall", input },
  attr: {
    f: { value: { case: "func", value: { name: fn } } },
    Tout: { value: { case: "list", value: { type: [DT_FLOAT] } } },
  },
});

/** Writes a SavedModel whose signature has the input `x`, a list of floats, and the output `y`: the node of that name. */
export function forge(dir: string, nodes: readonly NodeInit[], functions: FunctionInit[] = []): void {
  const x: NodeInit = { name: "x", op: "Placeholder", attr: { dtype: type(DT_FLOAT) } };
  const tensor = (name: string) => ({
    encoding: { case: "name" as const, value: `${name}:0` },
    dtype: DT_FLOAT,
    tensorShape: dims(-1n),
  });
  const model = create(SavedModelSchema, {
    metaGraphs: [
      {
        metaInfoDef: { tags: ["serve"] },
        graphDef: { node: [x, ...nodes], library: { function: functions } },
        signatureDef: { serving_default: { inputs: { x: tensor("x") }, outputs: { y: tensor("y") } } },
      },
    ],
  });
  rmSync(dir, { recursive: true, force: true });
  mkdirSync(dir);
  writeFileSync(join(dir, "saved_model.pb"), toBinary(SavedModelSchema, model));
}
