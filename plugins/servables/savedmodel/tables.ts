import { fromBinary, toBinary } from "@bufbuild/protobuf";
import { dataLoss, type Tensor, tensor, texts } from "../../../core/index.js";
import { TensorProtoSchema } from "../../../protos/gen/tensorflow/core/framework/tensor_pb.js";
import {
  type AssetFileDef,
  AssetFileDefSchema,
  type MetaGraphDef,
} from "../../../protos/gen/tensorflow/core/protobuf/meta_graph_pb.js";
import { decodeTensorProto } from "../../../protos/tensor/decode.js";
import { readAsset } from "./assets.js";
import { attributesOf } from "./graph/attributes.js";
import type { Graph } from "./graph/graph.js";
import { behindIdentities } from "./graph/identities.js";
import { type Node, type Output, placeOf } from "./graph/node.js";
import { FILES, isMutable, type TableFill, tableFills } from "./graph/tables.js";
import { isVariable, resourceId } from "./graph/variables.js";
import { Refusal } from "./lowering/refusal.js";
import { readTextTable } from "./reader/text-table.js";
import { ConflictError, createTable, type Table } from "./steps/tables/table.js";
import { initializers, type Variables } from "./variables.js";

/** The contents of a table. @throws Refusal when they only come about as the model runs; ServingError for broken files */
export type Tables = (node: Node) => Table;

/** A delimiter is one character. */
const TAB = 9;
const MOST_COUNTED = 2 ** 27;

/** TensorFlow 1 lists the assets in a collection. */
function assetsOf({ assetFileDef, collectionDef }: MetaGraphDef): readonly AssetFileDef[] {
  const kind = collectionDef.saved_model_assets?.kind;
  const listed = kind?.case === "anyList" ? kind.value.value : [];
  return [...assetFileDef, ...listed.map(({ value }) => fromBinary(AssetFileDefSchema, value))];
}

const refuse = (reason: string): never => {
  throw new Refusal(reason);
};

/** Numbers of lines, which TensorFlow 1 counts in the graph. undefined for others. */
function counted(op: "Cast" | "Range", inputs: readonly Tensor[]): Tensor | undefined {
  const lists = inputs.map(({ data }) => Array.from(data as ArrayLike<number | bigint>, Number));
  if (!inputs.every(({ dtype }) => dtype === "int32" || dtype === "int64")) return undefined;
  const [[start = 0] = [], [limit = 0] = [], [step = 1] = []] = lists;
  const whole = op === "Range" && step === 1 && limit >= start && limit - start < MOST_COUNTED;
  const numbers = whole
    ? Array.from({ length: limit - start }, (_, i) => start + i)
    : op === "Cast"
      ? lists[0]
      : undefined;
  return numbers && tensor("int64", [numbers.length], BigInt64Array.from(numbers, BigInt));
}

export function openTables(dir: string, meta: MetaGraphDef, openGraph: () => Graph, variables: Variables): Tables {
  const tables = new Map<string, Table>();
  let fills: ReadonlyMap<string, TableFill> | undefined;

  /** A tensor that a table is filled from. */
  function tensorOf(graph: Graph, output: Output): Tensor {
    const { node } = behindIdentities(graph, output);
    if (node.op === "Cast" || node.op === "Range") {
      const inputs = graph.inputs(node).map((input) => tensorOf(graph, input));
      return counted(node.op, inputs) ?? refuse(`it is filled by ${node.op}`);
    }
    const value = node.def.attr.value?.value;
    if (node.op === "Const" && value?.case === "tensor")
      return decodeTensorProto(toBinary(TensorProtoSchema, value.value));
    const [handle] = node.op === "ReadVariableOp" ? graph.inputs(node) : [];
    const variable = handle && behindIdentities(graph, handle).node;
    if (variable && isVariable(variable)) return variables.valueOf(variable).value();
    return variables.restored(graph, output).value();
  }

  /** The name of a file: an asset, or a name that some other tool wrote into the graph, which is not ours to read. */
  function fileOf({ graph, assigned }: TableFill, output: Output): string {
    const given = behindIdentities(graph, output);
    const [handle] = given.node.op === "ReadVariableOp" ? graph.inputs(given.node) : [];
    const value = handle && assigned.get(resourceId(behindIdentities(graph, handle).node));
    const source = value ? behindIdentities(graph, value) : given;
    const asset = assetsOf(meta).find(({ tensorInfo }) => {
      if (tensorInfo?.encoding.case !== "name") return false;
      return graph.tensor(tensorInfo.encoding.value).node === source.node;
    });
    if (asset) return asset.filename;
    const name = source.node.op === "Const" ? texts(tensorOf(graph, source))[0] : undefined;
    throw new Refusal(
      `it is filled from ${name === undefined ? "a file" : `the file ${name}`}, which is not among the assets`,
    );
  }

  function fromFile(table: Node, fill: TableFill): { keys: Tensor; values: Tensor } {
    const { node } = fill;
    const attrs = attributesOf(node.def, node.opDef);
    const own = attributesOf(table.def, table.opDef);
    const [keyType, valueType] = [own.dtype("key_dtype"), own.dtype("value_dtype")];
    if (!keyType || !valueType) throw new Refusal("its keys or values are of no type that a tensor can have");
    const filename = fileOf(fill, fill.inputs[0]!);
    const delimiter = attrs.text("delimiter", "\t");
    if (Buffer.byteLength(delimiter) !== 1)
      throw new Refusal(`its columns are delimited by ${JSON.stringify(delimiter)}`);
    const lines = attrs.int("vocab_size", -1);
    return readTextTable(readAsset(dir, filename, placeOf(node)), `assets/${filename}`, {
      key: { from: attrs.int("key_index"), dtype: keyType },
      value: { from: attrs.int("value_index"), dtype: valueType },
      delimiter: delimiter.codePointAt(0) ?? TAB,
      lines: lines < 0 ? undefined : lines,
      offset: attrs.int("offset", 0),
    });
  }

  function read(node: Node): Table {
    const restore = meta.saverDef?.restoreOpName;
    fills ??= tableFills(openGraph, [...(restore ? [restore] : []), ...initializers(meta)]);
    const fill = fills.get(resourceId(node));
    if (!fill) throw new Refusal("nothing fills it when the model starts");
    const { keys, values } = FILES.has(fill.node.op)
      ? fromFile(node, fill)
      : { keys: tensorOf(fill.graph, fill.inputs[0]!), values: tensorOf(fill.graph, fill.inputs[1]!) };
    const own = attributesOf(node.def, node.opDef);
    if (!["string", "int64", "int32"].includes(keys.dtype) || keys.dtype !== own.dtype("key_dtype")) {
      throw new Refusal(`its keys are of type ${keys.dtype}`);
    }
    if (values.dtype !== own.dtype("value_dtype")) throw new Refusal(`its values are of type ${values.dtype}`);
    if (keys.data.length !== values.data.length) throw new Refusal("it has not one value for each key");
    try {
      return createTable(keys, values, isMutable(node));
    } catch (error) {
      if (!(error instanceof ConflictError)) throw error;
      throw dataLoss(`the table ${placeOf(node)} cannot be filled: ${error.message}`, error);
    }
  }

  return (node) => {
    const id = resourceId(node);
    const known = tables.get(id) ?? read(node);
    tables.set(id, known);
    return known;
  };
}
