import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { create, fromBinary, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import { record, silentLogger, type Tensor, type Tensors } from "../../../../core/index.js";
import {
  type LoadedSession,
  openSavedModel,
  type TfSessionOptions,
} from "../../../../plugins/runtimes/libtensorflow/index.js";
import type { NodeDefSchema } from "../../../../protos/gen/tensorflow/core/framework/node_def_pb.js";
import { MetaGraphDefSchema } from "../../../../protos/gen/tensorflow/core/protobuf/meta_graph_pb.js";
import { SavedModelSchema } from "../../../../protos/gen/tensorflow/core/protobuf/saved_model_pb.js";
import { libtensorflowForTests } from "../../../support/libtensorflow.js";

const library = await libtensorflowForTests();

/** For `describe.skipIf`, and for its title. */
export const noTensorflow = "missing" in library;
export const withTensorflow = (title: string) =>
  "missing" in library ? `${title} (skipped: ${library.missing})` : `${title} on TensorFlow ${library.version}`;

export const fixture = (path: string) => fileURLToPath(new URL(`../../../fixtures/${path}`, import.meta.url));
export const quickstart = (path: string) =>
  fileURLToPath(new URL(`../../../../examples/quickstart/models/${path}`, import.meta.url));

export const never = { signal: new AbortController().signal };

export const open = (dir: string, options: TfSessionOptions = {}) => openSavedModel(dir, options, silentLogger);

export function floatsOf(tensor: Tensor | undefined): number[] {
  if (tensor?.dtype !== "float32") throw new Error(`expected a float32 tensor, got ${tensor?.dtype}`);
  return [...tensor.data];
}

/** Runs one of the model's signatures as its clients see it: by the names of inputs and outputs. */
export function signatureOf(session: LoadedSession, name = "serving_default") {
  const signature = fromBinary(MetaGraphDefSchema, session.metaGraph).signatureDef[name];
  if (!signature) throw new Error(`no signature ${name}`);
  const tensorName = (info: { encoding: { case?: string; value?: unknown } } | undefined) =>
    String(info?.encoding.value);
  const outputs = Object.keys(signature.outputs);
  return {
    inputs: Object.keys(signature.inputs),
    run: async (inputs: Tensors, signal = new AbortController().signal): Promise<Tensors> => {
      const feeds = Object.entries(inputs).map(([key, tensor]) => [tensorName(signature.inputs[key]), tensor] as const);
      const fetches = outputs.map((key) => tensorName(signature.outputs[key]));
      const tensors = await session.run(record(feeds), fetches, { signal });
      return record(outputs.map((key, i) => [key, tensors[i]!] as const));
    },
  };
}

/** A node of a graph. */
export type Node = MessageInitShape<typeof NodeDefSchema>;

/** A folder with a SavedModel of these nodes and nothing else. */
export function savedModelOf(nodes: readonly Node[]): { readonly dir: string; remove(): void } {
  const dir = mkdtempSync(join(tmpdir(), "salver-graph-"));
  const model = create(SavedModelSchema, {
    savedModelSchemaVersion: 1n,
    metaGraphs: [{ metaInfoDef: { tags: ["serve"] }, graphDef: { node: [...nodes], versions: { producer: 1087 } } }],
  });
  writeFileSync(join(dir, "saved_model.pb"), toBinary(SavedModelSchema, model));
  return { dir, remove: () => rmSync(dir, { recursive: true, force: true }) };
}

/** An attribute that names a type. */
export const typeAttr = (value: number) => ({ value: { case: "type" as const, value } });
