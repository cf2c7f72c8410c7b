import { readFile } from "node:fs/promises";
import {
  failedPrecondition,
  isServingError,
  messageOf,
  type ServingError,
  unimplemented,
} from "../../../../core/index.js";
import type { Tf } from "../backend/library.js";
import { isGraph, type ModelFile, parseModelFile } from "../files/model-file.js";
import { readWeights } from "../files/weights.js";
import { openGraphModel } from "./graph-model.js";
import { openLayersModel } from "./layers-model.js";
import type { Model } from "./model.js";
import type { Port } from "./ports.js";
import type { Value } from "./values.js";

const refused = (error: unknown): ServingError =>
  isServingError(error) ? error : failedPrecondition(`model.json cannot be served: ${messageOf(error)}`, error);

/** Backends lack some operators that the library knows; that only shows when one is run. */
const NO_KERNEL = /Kernel '(\w+)' not registered for backend '(\w+)'/;

function emptyValue({ inside, shape }: Port): Value {
  const sizes = (shape ?? []).map((size) => (size === -1 ? 1 : size));
  const count = sizes.reduce((product, size) => product * size, 1);
  if (inside === "string")
    return { dtype: inside, shape: sizes, data: { bytes: new Uint8Array(0), ends: new Uint32Array(count) } };
  const data =
    inside === "float32" || inside === "complex64"
      ? new Float32Array(inside === "complex64" ? 2 * count : count)
      : inside === "bool"
        ? new Uint8Array(count)
        : new Int32Array(count);
  return { dtype: inside, shape: sizes, data };
}

/** One run on zeros. What else may be wrong with zeros is not the model's fault. @throws UNIMPLEMENTED */
async function checkKernels({ ports, run }: Model): Promise<void> {
  const zeros = new Map(ports.inputs.map((port) => [port.name, emptyValue(port)]));
  const failure = await run(
    zeros,
    ports.outputs.map(({ name }) => name),
  ).then(() => undefined, messageOf);
  const [, kernel, backend] = NO_KERNEL.exec(failure ?? "") ?? [];
  if (kernel) throw unimplemented(`the backend ${backend} has no operator ${kernel}, which the model needs`);
}

/** @throws ServingError that names the file at fault */
export async function openModel(tf: Tf, path: string): Promise<Model> {
  let file: ModelFile;
  try {
    file = parseModelFile(await readFile(path, "utf8"));
  } catch (error) {
    throw refused(error);
  }
  const weightData = await readWeights(path, file.weightsManifest);
  const weightSpecs = file.weightsManifest.flatMap(({ weights }) => weights);
  const artifacts = { ...file, weightData, weightSpecs };
  try {
    const model = isGraph(file) ? await openGraphModel(tf, file, artifacts) : await openLayersModel(tf, artifacts);
    await checkKernels(model);
    return model;
  } catch (error) {
    throw refused(error);
  }
}
