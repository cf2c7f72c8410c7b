import { readFile } from "node:fs/promises";
import { basename } from "node:path";
import { dataLoss } from "../../../core/index.js";
import {
  createReader,
  type Reader,
  readInt64,
  readMessage,
  readString,
  readTag,
  skip,
  tagOf,
  Wire,
} from "../../../protos/wire/reader.js";

/** What an ONNX file says of itself; texts are empty where it says nothing. */
export type ModelFile = {
  readonly irVersion: number;
  readonly producer: string;
  readonly producerVersion: string;
  readonly domain: string;
  readonly modelVersion: number;
  readonly documentation: string;
  readonly graphName: string;
  /** Versions of the operator sets by domain; ONNX's own is `ai.onnx`. */
  readonly opsets: Readonly<Record<string, number>>;
  readonly metadata: Readonly<Record<string, string>>;
  /** How often each operator occurs, also in the graphs inside loops and branches. */
  readonly ops: ReadonlyMap<string, number>;
};

// Field numbers: https://github.com/onnx/onnx/blob/main/onnx/onnx.proto
const bytesField = (field: number) => tagOf(field, Wire.bytes);
const MODEL = {
  irVersion: tagOf(1, Wire.varint),
  producer: bytesField(2),
  producerVersion: bytesField(3),
  domain: bytesField(4),
  modelVersion: tagOf(5, Wire.varint),
  documentation: bytesField(6),
  graph: bytesField(7),
  opset: bytesField(8),
  metadata: bytesField(14),
} as const;
const GRAPH = { node: bytesField(1), name: bytesField(2) } as const;
const NODE = { op: bytesField(4), attribute: bytesField(5), domain: bytesField(7) } as const;
const ATTRIBUTE = { graph: bytesField(6), graphs: bytesField(11) } as const;
// Both kinds of entries have their key first; an operator set's second field is a number, a property's a text.
const KEY = bytesField(1);
const VALUE = bytesField(2);
const VERSION = tagOf(2, Wire.varint);

// Graphs inside graphs; a file can nest them as deeply as it likes.
const MOST_DEPTH = 64;

/** Hands each field to the function that its tag has, which must read it; others are passed over. */
function readFields(reader: Reader, fields: Readonly<Record<number, () => void>>): void {
  for (let tag = readTag(reader); tag !== 0; tag = readTag(reader)) {
    const read = fields[tag];
    if (read) read();
    else skip(reader, tag);
  }
}

function countOps(graph: Reader, ops: Map<string, number>, onName: (name: string) => void, depth = 0): void {
  if (depth > MOST_DEPTH) throw dataLoss("its graphs are nested too deeply");
  const inner = (reader: Reader) => countOps(readMessage(reader), ops, () => {}, depth + 1);
  const readNode = (node: Reader) => {
    let [op, domain] = ["", ""];
    readFields(node, {
      [NODE.op]: () => {
        op = readString(node);
      },
      [NODE.domain]: () => {
        domain = readString(node);
      },
      [NODE.attribute]: () => {
        const attribute = readMessage(node);
        readFields(attribute, {
          [ATTRIBUTE.graph]: () => inner(attribute),
          [ATTRIBUTE.graphs]: () => inner(attribute),
        });
      },
    });
    const name = domain === "" || domain === "ai.onnx" ? op : `${domain}.${op}`;
    ops.set(name, (ops.get(name) ?? 0) + 1);
  };
  readFields(graph, {
    [GRAPH.node]: () => readNode(readMessage(graph)),
    [GRAPH.name]: () => onName(readString(graph)),
  });
}

function readModel(bytes: Uint8Array): ModelFile {
  const model = createReader(bytes);
  const texts = new Map<number, string>();
  const numbers = new Map<number, number>();
  const [opsets, metadata] = [new Map<string, number>(), new Map<string, string>()];
  const ops = new Map<string, number>();
  let graphName = "";
  const text = (tag: number) => () => texts.set(tag, readString(model));
  const number = (tag: number) => () => numbers.set(tag, Number(readInt64(model)));
  const readOpset = (entry: Reader) => {
    let [domain, version] = ["", 0];
    readFields(entry, {
      [KEY]: () => {
        domain = readString(entry);
      },
      [VERSION]: () => {
        version = Number(readInt64(entry));
      },
    });
    opsets.set(domain || "ai.onnx", version);
  };
  const readProperty = (entry: Reader) => {
    let [key, value] = ["", ""];
    readFields(entry, {
      [KEY]: () => {
        key = readString(entry);
      },
      [VALUE]: () => {
        value = readString(entry);
      },
    });
    metadata.set(key, value);
  };
  readFields(model, {
    [MODEL.irVersion]: number(MODEL.irVersion),
    [MODEL.modelVersion]: number(MODEL.modelVersion),
    ...Object.fromEntries(
      [MODEL.producer, MODEL.producerVersion, MODEL.domain, MODEL.documentation].map((tag) => [tag, text(tag)]),
    ),
    [MODEL.graph]: () =>
      countOps(readMessage(model), ops, (name) => {
        graphName = name;
      }),
    [MODEL.opset]: () => readOpset(readMessage(model)),
    [MODEL.metadata]: () => readProperty(readMessage(model)),
  });
  const said = (tag: number) => texts.get(tag) ?? "";
  return {
    irVersion: numbers.get(MODEL.irVersion) ?? 0,
    modelVersion: numbers.get(MODEL.modelVersion) ?? 0,
    producer: said(MODEL.producer),
    producerVersion: said(MODEL.producerVersion),
    domain: said(MODEL.domain),
    documentation: said(MODEL.documentation),
    graphName,
    opsets: Object.fromEntries(opsets),
    metadata: Object.fromEntries(metadata),
    ops,
  };
}

/** @throws DATA_LOSS that names the file when it is no ONNX model or was cut short */
export async function readModelFile(path: string): Promise<ModelFile> {
  try {
    return readModel(await readFile(path));
  } catch (error) {
    throw dataLoss(`${basename(path)} is no ONNX model, or was cut short`, error);
  }
}
