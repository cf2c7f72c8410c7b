import { mkdtemp, rename, rm, stat } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { failedPrecondition, messageOf, silentLogger } from "../../../../core/index.js";
import { defaultOrtOptions, openSession } from "../../../runtimes/onnxruntime/index.js";
import { offLoop } from "../off-loop.js";
import type { Converted, ConvertRequest } from "./convert.js";
import { dataFileOf } from "./write.js";

export type ConvertOptions = Omit<ConvertRequest, "file"> & {
  readonly out: string;
  /** Whether files that are there are replaced. */
  readonly force: boolean;
};

async function refuseExisting(files: readonly string[]): Promise<void> {
  for (const file of files) {
    const there = await stat(file).catch(() => undefined);
    if (there?.isDirectory()) throw failedPrecondition(`${file} is a folder; say how the file in it is to be called`);
    if (there) throw failedPrecondition(`${file} exists already; --force replaces it`);
  }
}

async function workFolder(out: string): Promise<string> {
  try {
    return await mkdtemp(join(dirname(out), ".salver-convert-"));
  } catch (error) {
    throw failedPrecondition(`nothing can be written to ${dirname(out)}: ${messageOf(error)}`, error);
  }
}

/**
 * Writes a signature of a SavedModel as a standard ONNX file. The file is written elsewhere, opened once by ONNX Runtime,
 * and only then given its name, so that `out` is never half a model.
 * @throws FAILED_PRECONDITION with all that stands in the way; other ServingErrors for broken files
 */
export async function convertSavedModel(options: ConvertOptions, signal: AbortSignal): Promise<Converted> {
  const { out: given, force, ...request } = options;
  const out = resolve(given);
  const targets = [out, dataFileOf(out)];
  if (!force) await refuseExisting(targets);
  const work = await workFolder(out);
  try {
    const file = join(work, basename(out));
    const converted = await offLoop("convert", { ...request, file }, signal);
    await (await openSession({ path: file }, defaultOrtOptions, silentLogger))[Symbol.asyncDispose]();
    signal.throwIfAborted();
    // Data first: a model without its data would be half a file.
    const files = converted.files.map((each) => join(dirname(out), basename(each)));
    for (const [i, each] of converted.files.entries()) if (i > 0) await rename(each, files[i]!);
    await rename(file, out);
    if (files.length === 1) await rm(dataFileOf(out), { force: true });
    return { ...converted, files };
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}
