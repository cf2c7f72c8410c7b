import { type Reader, readTag, skip, tagOf, Wire } from "../../protos/wire/reader.js";

const bytesField = (field: number) => tagOf(field, Wire.bytes);
const varintField = (field: number) => tagOf(field, Wire.varint);

// Field numbers: https://github.com/onnx/onnx/blob/main/onnx/onnx.proto
export const MODEL = {
  irVersion: varintField(1),
  producer: bytesField(2),
  producerVersion: bytesField(3),
  domain: bytesField(4),
  modelVersion: varintField(5),
  documentation: bytesField(6),
  graph: bytesField(7),
  opset: bytesField(8),
  metadata: bytesField(14),
  function: bytesField(25),
} as const;
export const GRAPH = { node: bytesField(1), name: bytesField(2), initializer: bytesField(5) } as const;
export const FUNCTION = { node: bytesField(7) } as const;
export const NODE = { op: bytesField(4), attribute: bytesField(5), domain: bytesField(7) } as const;
export const ATTRIBUTE = { graph: bytesField(6), graphs: bytesField(11) } as const;
export const TENSOR = {
  dim: varintField(1),
  dims: bytesField(1),
  type: varintField(2),
  floats: bytesField(4),
  int32s: bytesField(5),
  name: bytesField(8),
  raw: bytesField(9),
  doubles: bytesField(10),
  external: bytesField(13),
} as const;
// Entries of all kinds have their key first; an operator set's second field is a number, a property's a text.
export const KEY = bytesField(1);
export const VALUE = bytesField(2);
export const VERSION = varintField(2);

/** Hands each field to the function that its tag has, which must read it; others are passed over. */
export function readFields(reader: Reader, fields: Readonly<Record<number, () => void>>): void {
  for (let tag = readTag(reader); tag !== 0; tag = readTag(reader)) {
    const read = fields[tag];
    if (read) read();
    else skip(reader, tag);
  }
}
