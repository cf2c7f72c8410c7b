import { formatShape } from "../../../../core/index.js";
import type { TensorShapeProto } from "../../../../protos/gen/tensorflow/core/framework/tensor_shape_pb.js";
import type { SavedObjectGraph } from "../../../../protos/gen/tensorflow/core/protobuf/saved_object_graph_pb.js";
import type { StructuredValue } from "../../../../protos/gen/tensorflow/core/protobuf/struct_pb.js";
import { dataTypeName } from "../../../../protos/tensor/dtype.js";

// Values can be nested as deeply as a file likes.
const MOST_DEPTH = 8;

const shapeText = (shape: TensorShapeProto | undefined) =>
  formatShape(!shape || shape.unknownRank ? null : shape.dim.map(({ size }) => Number(size)));

function valueText(value: StructuredValue | undefined, depth = 0): string {
  const kind = value?.kind;
  const inner = (item: StructuredValue | undefined) => valueText(item, depth + 1);
  if (depth > MOST_DEPTH) return "…";
  switch (kind?.case) {
    case "tensorSpecValue":
    case "boundedTensorSpecValue": {
      const { name, dtype, shape } = kind.value;
      return `${name || "tensor"}: ${dataTypeName(dtype).replace(/^DT_/, "").toLowerCase()} ${shapeText(shape)}`;
    }
    case "listValue":
      return `[${kind.value.values.map(inner).join(", ")}]`;
    case "tupleValue":
      return `(${kind.value.values.map(inner).join(", ")})`;
    case "namedTupleValue":
      return `(${kind.value.values.map(({ value: item }) => inner(item)).join(", ")})`;
    case "dictValue": {
      // A tensor mostly bears its key's name already.
      const fields = Object.entries(kind.value.fields).map(([key, item]) => {
        const text = inner(item);
        return text.startsWith(`${key}: `) ? text : `${key}: ${text}`;
      });
      return `{${fields.join(", ")}}`;
    }
    case "typeSpecValue":
      return kind.value.typeSpecClassName || "composite";
    case "stringValue":
      return JSON.stringify(kind.value);
    case "float64Value":
    case "int64Value":
    case "boolValue":
      return String(kind.value);
    default:
      return "None";
  }
}

/** Arguments come as a pair: the positional ones and those by name. */
function argumentsText(value: StructuredValue | undefined): string {
  if (value?.kind.case !== "tupleValue") return "";
  const [positional, named] = value.kind.value.values;
  const list =
    positional?.kind.case === "tupleValue" ? positional.kind.value.values.map((item) => valueText(item)) : [];
  const fields = named?.kind.case === "dictValue" ? Object.entries(named.kind.value.fields) : [];
  return [...list, ...fields.map(([key, item]) => `${key}=${valueText(item)}`)].join(", ");
}

/** The functions that the model's root object carries, e.g. `__call__(x: float [-1,4], training: false)`; one a line. */
export function describeCallables(graph: SavedObjectGraph | undefined): string[] {
  const lines: string[] = [];
  for (const { localName, nodeId } of graph?.nodes[0]?.children ?? []) {
    const kind = graph?.nodes[nodeId]?.kind;
    if (kind?.case !== "function") continue;
    for (const name of kind.value.concreteFunctions) {
      const fn = graph?.concreteFunctions[name];
      lines.push(`${localName}(${argumentsText(fn?.canonicalizedInputSignature)})`);
    }
  }
  return lines;
}
