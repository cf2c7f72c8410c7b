import { dataLoss } from "../../../../core/index.js";
import type { NodeDef } from "../../../../protos/gen/tensorflow/core/framework/node_def_pb.js";
import type { OpDef, OpDef_ArgDef } from "../../../../protos/gen/tensorflow/core/framework/op_def_pb.js";
import type { DataType } from "../../../../protos/gen/tensorflow/core/framework/types_pb.js";

// A node of a few bytes can announce any number of outputs; no operator has so many.
const MOST_OUTPUTS = 100_000;

function attr(node: NodeDef, op: OpDef, name: string) {
  return (node.attr[name] ?? op.attr.find((each) => each.name === name)?.defaultValue)?.value;
}

/** The types of the tensors that one output argument stands for; several where it is a list. */
function typesOf(node: NodeDef, op: OpDef, arg: OpDef_ArgDef): DataType[] {
  if (arg.typeListAttr) {
    const list = attr(node, op, arg.typeListAttr);
    return list?.case === "list" ? list.value.type : [];
  }
  const named = arg.typeAttr ? attr(node, op, arg.typeAttr) : undefined;
  const type = named?.case === "type" ? named.value : arg.type;
  if (!arg.numberAttr) return [type];
  const number = attr(node, op, arg.numberAttr);
  const count = number?.case === "i" ? Number(number.value) : 0;
  if (count < 0 || count > MOST_OUTPUTS) {
    throw dataLoss(`saved_model.pb: "${node.name}" (${node.op}) announces ${count} outputs`);
  }
  return new Array<DataType>(count).fill(type);
}

/** The types of all tensors a node yields, in the order of their numbers. @throws DATA_LOSS for absurdly many */
export const outputTypes = (node: NodeDef, op: OpDef): DataType[] =>
  op.outputArg.flatMap((arg) => typesOf(node, op, arg));

/**
 * The number of the tensor that a function's body calls `node:argument:index`.
 * `undefined` when the operator has no such output.
 */
export function outputNumber(node: NodeDef, op: OpDef, argument: string, index: number): number | undefined {
  let first = 0;
  for (const arg of op.outputArg) {
    const count = typesOf(node, op, arg).length;
    if (arg.name === argument) return index < count ? first + index : undefined;
    first += count;
  }
  return undefined;
}
