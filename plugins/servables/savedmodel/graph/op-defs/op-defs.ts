import { create } from "@bufbuild/protobuf";
import { type AttrValue, AttrValueSchema } from "../../../../../protos/gen/tensorflow/core/framework/attr_value_pb.js";
import {
  type OpDef,
  type OpDef_ArgDef,
  OpDef_ArgDefSchema,
  OpDef_AttrDefSchema,
  OpDefSchema,
} from "../../../../../protos/gen/tensorflow/core/framework/op_def_pb.js";
import { DataType } from "../../../../../protos/gen/tensorflow/core/framework/types_pb.js";
import { STANDARD_OPS } from "./standard.js";

const words = (text: string) => text.trim().split(" ").filter(Boolean);
const typeNumber = (name: string) => DataType[`DT_${name.toUpperCase()}` as keyof typeof DataType];

function argument(text: string, attributes: ReadonlySet<string>): OpDef_ArgDef {
  const [name = "", kind = ""] = text.split(":");
  if (kind.startsWith("*")) return create(OpDef_ArgDefSchema, { name, typeListAttr: kind.slice(1) });
  const [type = "", numberAttr = ""] = kind.split("*").reverse();
  if (attributes.has(type)) return create(OpDef_ArgDefSchema, { name, numberAttr, typeAttr: type });
  return create(OpDef_ArgDefSchema, { name, numberAttr, type: typeNumber(type) });
}

function standardValue(kind: string, value: unknown): AttrValue["value"] | undefined {
  if (kind === "int") return { case: "i", value: BigInt(value as number) };
  if (kind === "float") return { case: "f", value: value as number };
  if (kind === "bool") return { case: "b", value: value as boolean };
  if (kind === "string") return { case: "s", value: new TextEncoder().encode(value as string) };
  if (kind === "type") return { case: "type", value: typeNumber(value as string) };
  if (kind === "shape") return shapeOfAnyRank();
  const items = value as readonly (number | string)[];
  const list = kind === "list(int)" ? { i: items.map(BigInt) } : kind === "list(float)" ? { f: items as number[] } : {};
  return items.length === 0 || "i" in list || "f" in list ? listOf(list) : undefined;
}

const listOf = (value: { i?: bigint[]; f?: number[] }): AttrValue["value"] =>
  create(AttrValueSchema, { value: { case: "list", value } }).value;
const shapeOfAnyRank = (): AttrValue["value"] =>
  create(AttrValueSchema, { value: { case: "shape", value: { unknownRank: true } } }).value;

function attribute(text: string) {
  const [, name = "", type = "", standard] = /^(\w+):([^=]+)(?:=(.*))?$/.exec(text) ?? [];
  const value = standard === undefined ? undefined : standardValue(type, JSON.parse(standard));
  const defaultValue = value && create(AttrValueSchema, { value });
  return create(OpDef_AttrDefSchema, { name, type, ...(defaultValue && { defaultValue }) });
}

function definition(line: string): OpDef {
  const [head = "", inputs = "", outputs = "", attrs = ""] = line.split("|");
  const attr = words(attrs).map(attribute);
  const names = new Set(attr.map(({ name }) => name));
  const name = head.trim();
  return create(OpDefSchema, {
    name: name.replace("!", ""),
    isStateful: name.endsWith("!"),
    inputArg: words(inputs).map((text) => argument(text, names)),
    outputArg: words(outputs).map((text) => argument(text, names)),
    attr,
  });
}

let known: ReadonlyMap<string, OpDef> | undefined;

/**
 * TensorFlow's own operators. A SavedModel carries the definitions of those it uses, but leaves out what is used in
 * branches and loops alone.
 */
export function standardOps(): ReadonlyMap<string, OpDef> {
  known ??= new Map(
    STANDARD_OPS.trim()
      .split("\n")
      .map((line) => definition(line))
      .map((op) => [op.name, op] as const),
  );
  return known;
}
