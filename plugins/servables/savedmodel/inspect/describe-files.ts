import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { elementCount, layouts, record } from "../../../../core/index.js";
import { openBundle } from "../../../../formats/tensor-bundle/bundle.js";
import type { MetaGraphDef } from "../../../../protos/gen/tensorflow/core/protobuf/meta_graph_pb.js";
import { describeCallables } from "./callables.js";

/** What the files say beside signatures. Absent where they do not say. */
export type FileFacts = {
  readonly tags: readonly string[];
  readonly tensorflowVersion?: string;
  readonly kerasVersion?: string;
  /** Absent where there is no checkpoint, as in a frozen graph. */
  readonly variables?: { readonly count: number; readonly parameters: number; readonly bytes: number };
  /** Names under `assets/`. */
  readonly assets: readonly string[];
  /** Python functions that were saved, with their arguments. */
  readonly functions: readonly string[];
  /** How often each operator stands in the graph and in the bodies of its functions, each counted once. */
  readonly ops: Readonly<Record<string, number>>;
};

// What a checkpoint keeps for its own use.
const isOwn = (key: string) => key.startsWith("_CHECKPOINTABLE_OBJECT_GRAPH") || key.startsWith("save_counter");

// Keras' own notes are kilobytes; what is larger was not written by Keras.
const MOST_NOTES = 2 ** 26;

function variablesOf(dir: string): FileFacts["variables"] {
  const prefix = join(dir, "variables", "variables");
  if (!statSync(`${prefix}.index`, { throwIfNoEntry: false })) return undefined;
  const bundle = openBundle(prefix);
  try {
    let [count, parameters, bytes] = [0, 0, 0];
    for (const key of bundle.keys) {
      if (isOwn(key)) continue;
      const { dtype, shape } = bundle.describe(key);
      const elements = elementCount(shape);
      count++;
      parameters += elements;
      bytes += dtype === "string" ? 0 : elements * layouts[dtype].bytes;
    }
    return { count, parameters, bytes };
  } finally {
    bundle.close();
  }
}

/** Keras writes its version into JSON: in a file of its own since 2.5, before that into the graph of objects. */
function kerasVersionOf(dir: string, meta: MetaGraphDef): string | undefined {
  const path = join(dir, "keras_metadata.pb");
  const size = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
  const notes = size > 0 && size <= MOST_NOTES ? [readFileSync(path, "latin1")] : [];
  for (const { kind } of meta.objectGraphDef?.nodes ?? [])
    if (kind.case === "userObject") notes.push(kind.value.metadata);
  for (const text of notes) {
    const [, version] = /"keras_version": ?"([\w.+-]{1,40})"/.exec(text) ?? [];
    if (version) return version;
  }
  return undefined;
}

function opsOf({ graphDef }: MetaGraphDef): Record<string, number> {
  const counts = new Map<string, number>();
  const bodies = [graphDef?.node ?? [], ...(graphDef?.library?.function ?? []).map(({ nodeDef }) => nodeDef)];
  for (const body of bodies) for (const { op } of body) counts.set(op, (counts.get(op) ?? 0) + 1);
  return record([...counts].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1)));
}

/** @throws ServingError for a broken index of variables */
export function describeFiles(dir: string, meta: MetaGraphDef): FileFacts {
  const { tags = [], tensorflowVersion } = meta.metaInfoDef ?? {};
  const kerasVersion = kerasVersionOf(dir, meta);
  const variables = variablesOf(dir);
  return {
    tags,
    ...(tensorflowVersion ? { tensorflowVersion } : {}),
    ...(kerasVersion ? { kerasVersion } : {}),
    ...(variables ? { variables } : {}),
    assets: meta.assetFileDef.map(({ filename }) => filename),
    functions: describeCallables(meta.objectGraphDef),
    ops: opsOf(meta),
  };
}
