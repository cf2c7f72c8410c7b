import { failedPrecondition, type Host, type Loader, type LocalVersion, type Servable } from "../../../core/index.js";
import { findLibrary } from "../../runtimes/libtensorflow/index.js";
import type { Compiled } from "./compile.js";
import { compileOffLoop } from "./compile-off-loop.js";
import { tensorflowServable } from "./engines/libtensorflow.js";
import { onnxruntimeServable } from "./engines/onnxruntime.js";
import { publishMlmdUuid } from "./extras/mlmd-uuid.js";
import { checkSavedModelConfig } from "./extras/saved-model-config.js";
import { bytesOnDisk } from "./files.js";
import { formatObstacle } from "./lowering/refusal.js";
import type { SavedModelOptions } from "./options.js";

// Measured on 108 MB of weights: the lowered model, ONNX Runtime's copy and its kernels' own layout of the weights lie in
// memory at once while it loads, 3.05 times the files.
const OVERHEAD = 3.2;
const MiB = 2 ** 20;
const MOST_LISTED = 12;

/** What stands in the way, each operator with its place and its signature, as one line of text. */
function describe(obstacles: Compiled["obstacles"]): string {
  const signatures = new Map<string, string[]>();
  for (const [signature, list] of Object.entries(obstacles)) {
    for (const obstacle of list) {
      const text = formatObstacle(obstacle);
      signatures.set(text, [...(signatures.get(text) ?? []), `"${signature}"`]);
    }
  }
  const texts = [...signatures].map(([text, names]) => `${text} (in ${[...new Set(names)].join(", ")})`);
  const more = texts.length - MOST_LISTED;
  return `${texts.slice(0, MOST_LISTED).join("; ")}${more > 0 ? `; and ${more} more` : ""}`;
}

const INSTALL =
  "TensorFlow itself could run it: `salver tensorflow install` brings it here, `salver doctor` says where it is looked for";

function missingLibrary(): string {
  const path = process.env.LIBTENSORFLOW_PATH;
  // Where the variable is set, it alone says where to look.
  return path ? `TensorFlow itself could run it, but LIBTENSORFLOW_PATH is ${path} and holds no library` : INSTALL;
}

/** Loads one version of a SavedModel on the engine that the options ask for. */
export function savedModelLoader(host: Host, local: LocalVersion, options: SavedModelOptions): Loader {
  const { path, version } = local;
  const { engine, tags, signatures } = options;
  const request = { dir: path, tags, ...(signatures ? { signatures } : {}) };

  async function onTensorflow(signal: AbortSignal): Promise<Servable> {
    const compiled = await compileOffLoop({ ...request, lower: false }, signal);
    return tensorflowServable(path, compiled, { ...options.libtensorflow, tags }, host.log);
  }

  async function insteadOf(reason: string, signal: AbortSignal, cause?: unknown): Promise<Servable> {
    const isHere = "found" in (await findLibrary());
    if (engine === "onnxruntime" || !isHere) {
      const advice = isHere ? "`engine: auto` would use the libtensorflow that is here" : missingLibrary();
      throw failedPrecondition(`this SavedModel cannot be lowered to ONNX: ${reason}. ${advice}`, cause);
    }
    host.log.info({ version, reason }, "not lowered to ONNX, running on libtensorflow");
    return onTensorflow(signal);
  }

  async function onEngine(signal: AbortSignal): Promise<Servable> {
    if (engine === "libtensorflow") return onTensorflow(signal);
    const compiled = await compileOffLoop({ ...request, lower: true }, signal);
    if (Object.keys(compiled.obstacles).length > 0) return insteadOf(describe(compiled.obstacles), signal);
    const opened = await onnxruntimeServable(compiled, options.onnxruntime, host.log);
    if ("refusal" in opened) {
      return insteadOf(`ONNX Runtime refuses it (${opened.refusal.message})`, signal, opened.refusal);
    }
    if (signal.aborted) {
      await opened.servable[Symbol.asyncDispose]();
      signal.throwIfAborted();
    }
    return opened.servable;
  }

  return {
    estimate: async () => ({ memory: Math.ceil(OVERHEAD * (await bytesOnDisk(path))) + 16 * MiB }),
    load: async (signal) => {
      if (options.savedModelConfig) await checkSavedModelConfig(host, local);
      const servable = await onEngine(signal);
      await publishMlmdUuid(host, local);
      return servable;
    },
  };
}
