import {
  type Facts,
  type Host,
  type InspectedSignature,
  type Inspection,
  type LocalVersion,
  record,
  restoredSignatures,
  type Signature,
} from "../../../../core/index.js";
import { findLibrary } from "../../../runtimes/libtensorflow/index.js";
import { compileOffLoop } from "../compile-off-loop.js";
import { onnxruntimeServable } from "../engines/onnxruntime.js";
import { bytesOnDisk } from "../files.js";
import { formatObstacle } from "../lowering/refusal.js";
import { offLoop } from "../off-loop.js";
import type { ModelRequest } from "../open-model.js";
import type { SavedModelOptions } from "../options.js";
import type { FileFacts } from "./describe-files.js";

/** How ONNX Runtime takes signatures that lower: the engine's name, or why it refuses. */
type Trial = { readonly engine: string } | { readonly refusal: string };

async function tryTogether(
  host: Host,
  request: ModelRequest,
  options: SavedModelOptions,
  signal: AbortSignal,
): Promise<Trial> {
  const compiled = await compileOffLoop({ ...request, lower: true }, signal);
  const opened = await onnxruntimeServable(compiled, options.onnxruntime, host.log);
  if ("refusal" in opened) return { refusal: `ONNX Runtime refuses it: ${opened.refusal.message}` };
  await using servable = opened.servable;
  return { engine: servable.engine ?? "onnxruntime" };
}

/** Opens what lowers, all at once; one by one where that is refused, to say which is at fault. */
async function tryAll(
  host: Host,
  request: ModelRequest,
  names: readonly string[],
  options: SavedModelOptions,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, Trial>> {
  const trials = new Map<string, Trial>();
  if (names.length === 0) return trials;
  const together = await tryTogether(host, { ...request, signatures: names }, options, signal);
  for (const name of names) {
    const alone = "refusal" in together && names.length > 1;
    trials.set(name, alone ? await tryTogether(host, { ...request, signatures: [name] }, options, signal) : together);
  }
  return trials;
}

async function libraryName(): Promise<string | undefined> {
  const library = await findLibrary();
  return "found" in library ? `libtensorflow ${library.found.version}` : undefined;
}

/** What runs the model as it is served by default: one engine for all signatures. */
function wholeEngine(signatures: readonly InspectedSignature[], library: string | undefined): string {
  const stuck = signatures.filter(({ obstacles }) => obstacles).length;
  if (stuck === 0) return signatures[0]?.engine ?? "onnxruntime";
  const why = `${stuck} of ${signatures.length} signatures ${stuck === 1 ? "does" : "do"} not lower to ONNX`;
  return library ? `${library}: ${why}` : `none: ${why}, and there is no libtensorflow (salver tensorflow install)`;
}

function factsOf(files: FileFacts, size: number, engine: string): Facts {
  const { tags, tensorflowVersion, kerasVersion, variables, assets, functions, ops } = files;
  return {
    engine,
    tags,
    ...(tensorflowVersion ? { tensorflowVersion } : {}),
    ...(kerasVersion ? { kerasVersion } : {}),
    bytesOnDisk: size,
    ...(variables
      ? { variables: variables.count, parameters: variables.parameters, bytesOfVariables: variables.bytes }
      : {}),
    ...(assets.length > 0 ? { assets } : {}),
    ...(functions.length > 0 ? { functions } : {}),
    ops,
  };
}

/** What a SavedModel holds, which engine would run each signature, and what stands in the way of lowering it. */
export async function inspectSavedModel(
  host: Host,
  { path }: LocalVersion,
  options: SavedModelOptions,
  signal: AbortSignal,
): Promise<Inspection> {
  const { tags, signatures: wanted } = options;
  const request = { dir: path, tags, ...(wanted ? { signatures: wanted } : {}) };
  const { signatures, files, lowered, obstacles } = await offLoop("survey", request, signal);
  const trials = await tryAll(host, request, Object.keys(lowered), options, signal);
  const engines = [...trials.values()].filter((trial) => "engine" in trial);
  // Looking for TensorFlow loads it, which takes seconds.
  const library = engines.length < Object.keys(signatures).length ? await libraryName() : undefined;

  const describe = (name: string, signature: Signature): InspectedSignature => {
    const trial = trials.get(name);
    if (trial && "engine" in trial) return { ...signature, engine: trial.engine, facts: lowered[name]! };
    const inTheWay = trial ? [trial.refusal] : (obstacles[name] ?? []).map(formatObstacle);
    return { ...signature, ...(library ? { engine: library } : {}), obstacles: [...new Set(inTheWay)] };
  };
  const inspected = Object.entries(restoredSignatures(signatures)).map(
    ([name, signature]) => [name, describe(name, signature)] as const,
  );
  const engine = wholeEngine(
    inspected.map(([, signature]) => signature),
    library,
  );
  return { signatures: record(inspected), facts: factsOf(files, await bytesOnDisk(path), engine) };
}
