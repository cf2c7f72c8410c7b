import { dataLoss } from "../../core/index.js";
import { createReader, type Reader, readInt64, readMessage, readString } from "../../protos/wire/reader.js";
import { ATTRIBUTE, FUNCTION, GRAPH, KEY, MODEL, NODE, readFields, VALUE, VERSION } from "./fields.js";

/** What an ONNX model says of itself; texts are empty where it says nothing. */
export type OnnxHead = {
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
};

/** Where a node stands. */
export type OnnxPlace = {
  /** 0 in the model's graph or a function's, 1 in the graph of one of their loops and branches, and so on. */
  readonly depth: number;
  /** Whether it belongs to a function that the model defines. */
  readonly inFunction: boolean;
};

/** What is told on the way through a model, in the order of the file. */
export type OnnxVisitor = {
  readonly node?: (op: string, domain: string, place: OnnxPlace) => void;
  /** A graph inside a node, a loop's or a branch's; its nodes follow. */
  readonly innerGraph?: () => void;
  /** A function that the model defines; its nodes follow. */
  readonly func?: () => void;
  /** A tensor of the model's graph; see `readInitializer`. */
  readonly initializer?: (tensor: Reader) => void;
};

/** Graphs inside graphs; a file can nest them as deeply as it likes. */
export const MOST_DEPTH = 64;

function readNode(node: Reader, visitor: OnnxVisitor, place: OnnxPlace): void {
  let [op, domain] = ["", ""];
  const inner = () => {
    const depth = place.depth + 1;
    if (depth > MOST_DEPTH) throw dataLoss("its graphs are nested too deeply");
    visitor.innerGraph?.();
    readGraph(readMessage(attribute), visitor, { ...place, depth });
  };
  let attribute = node;
  readFields(node, {
    [NODE.op]: () => {
      op = readString(node);
    },
    [NODE.domain]: () => {
      domain = readString(node);
    },
    [NODE.attribute]: () => {
      attribute = readMessage(node);
      readFields(attribute, { [ATTRIBUTE.graph]: inner, [ATTRIBUTE.graphs]: inner });
    },
  });
  visitor.node?.(op, domain, place);
}

/** Returns its name. */
function readGraph(graph: Reader, visitor: OnnxVisitor, place: OnnxPlace): string {
  const { initializer } = visitor;
  let name = "";
  readFields(graph, {
    [GRAPH.node]: () => readNode(readMessage(graph), visitor, place),
    [GRAPH.name]: () => {
      name = readString(graph);
    },
    ...(initializer && place.depth === 0 ? { [GRAPH.initializer]: () => initializer(readMessage(graph)) } : {}),
  });
  return name;
}

function readOpset(entry: Reader): readonly [string, number] {
  let [domain, version] = ["", 0];
  readFields(entry, {
    [KEY]: () => {
      domain = readString(entry);
    },
    [VERSION]: () => {
      version = Number(readInt64(entry));
    },
  });
  return [domain || "ai.onnx", version];
}

/** A pair of texts. */
export function readProperty(entry: Reader): readonly [string, string] {
  let [key, value] = ["", ""];
  readFields(entry, {
    [KEY]: () => {
      key = readString(entry);
    },
    [VALUE]: () => {
      value = readString(entry);
    },
  });
  return [key, value];
}

/**
 * Goes once through the bytes of an ONNX model. Weights are passed over without a copy.
 * @throws INVALID_ARGUMENT for bytes that are no protocol buffer; DATA_LOSS for graphs nested beyond `MOST_DEPTH`
 */
export function readOnnxModel(bytes: Uint8Array, visitor: OnnxVisitor = {}): OnnxHead {
  const model = createReader(bytes);
  const texts = new Map<number, string>();
  const numbers = new Map<number, number>();
  const [opsets, metadata] = [new Map<string, number>(), new Map<string, string>()];
  let graphName = "";
  const text = (tag: number) => [tag, () => texts.set(tag, readString(model))] as const;
  const number = (tag: number) => [tag, () => numbers.set(tag, Number(readInt64(model)))] as const;
  readFields(model, {
    ...Object.fromEntries([MODEL.irVersion, MODEL.modelVersion].map(number)),
    ...Object.fromEntries([MODEL.producer, MODEL.producerVersion, MODEL.domain, MODEL.documentation].map(text)),
    [MODEL.graph]: () => {
      graphName = readGraph(readMessage(model), visitor, { depth: 0, inFunction: false });
    },
    [MODEL.function]: () => {
      visitor.func?.();
      const func = readMessage(model);
      const place = { depth: 0, inFunction: true };
      readFields(func, { [FUNCTION.node]: () => readNode(readMessage(func), visitor, place) });
    },
    [MODEL.opset]: () => opsets.set(...readOpset(readMessage(model))),
    [MODEL.metadata]: () => metadata.set(...readProperty(readMessage(model))),
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
  };
}
