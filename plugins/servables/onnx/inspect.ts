import {
  type Facts,
  type Host,
  type InspectedSignature,
  type Inspection,
  type LocalVersion,
  record,
} from "../../../core/index.js";
import { findModel, sizeOf } from "./files.js";
import { onnxLoader } from "./loader.js";
import { type ModelFile, readModelFile } from "./model-file.js";
import type { OnnxOptions } from "./options.js";

const LONGEST_NOTE = 200;

const short = (text: string) => (text.length > LONGEST_NOTE ? `${text.slice(0, LONGEST_NOTE)}…` : text);

function factsOf(file: ModelFile, size: number): Facts {
  const { producer, producerVersion, domain, modelVersion, documentation, graphName, metadata } = file;
  const facts: [string, Facts[string]][] = [
    ["opsets", file.opsets],
    ["irVersion", file.irVersion],
    ["producer", [producer, producerVersion].filter((text) => text !== "").join(" ")],
    ["domain", domain],
    ["modelVersion", modelVersion],
    ["graph", graphName],
    ["documentation", short(documentation)],
    ["metadata", Object.entries(metadata).map(([key, value]) => `${key}: ${short(value)}`)],
    ["bytesOnDisk", size],
    ["ops", record([...file.ops].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1)))],
  ];
  const silent = (fact: Facts[string]) => fact === "" || (Array.isArray(fact) && fact.length === 0);
  return record(facts.filter(([, fact]) => !silent(fact)));
}

/** What an ONNX model says of itself, and how ONNX Runtime takes it. @throws as loading does; DATA_LOSS for broken files */
export async function inspectOnnx(
  host: Host,
  version: LocalVersion,
  options: OnnxOptions,
  signal: AbortSignal,
): Promise<Inspection> {
  const path = await findModel(version.path);
  const file = await readModelFile(path);
  await using servable = await onnxLoader(host, version, options).load(signal);
  const { signatures, hiddenOutputs, engine } = servable;
  const hidden = hiddenOutputs.map(({ name, reason }) => `${name}: ${reason}`);
  const describe = (signature: (typeof signatures)[string]): InspectedSignature => ({
    ...signature,
    ...(engine === undefined ? {} : { engine }),
    ...(hidden.length > 0 ? { facts: { hiddenOutputs: hidden } } : {}),
  });
  return {
    signatures: record(Object.entries(signatures).map(([name, signature]) => [name, describe(signature)] as const)),
    facts: factsOf(file, await sizeOf(version.path)),
  };
}
