import { readdir, readFile, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { failedPrecondition } from "../../../../core/index.js";

const MODEL = "model.json";

/** Whether `path` is a model.json of TensorFlow.js, or a folder with one. */
export async function isTfjs(path: string): Promise<boolean> {
  try {
    const file = (await stat(path)).isDirectory() ? join(path, MODEL) : path;
    if (basename(file) !== MODEL) return false;
    const text = await readFile(file, "utf8");
    return text.includes('"modelTopology"') && text.includes('"weightsManifest"');
  } catch {
    return false;
  }
}

/** @throws FAILED_PRECONDITION when there is none */
export async function findModel(path: string): Promise<string> {
  const info = await stat(path).catch((cause) => {
    throw failedPrecondition(`${basename(path)} is not there, or cannot be read`, cause);
  });
  const file = info.isDirectory() ? join(path, MODEL) : path;
  const found = await stat(file).then(
    (each) => each.isFile(),
    () => false,
  );
  if (!found) throw failedPrecondition(`no ${MODEL} in ${basename(path)}`);
  return file;
}

/** Bytes of all files beside the model's. */
export async function bytesBeside(file: string): Promise<number> {
  const folder = dirname(file);
  const entries = await readdir(folder, { withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  const sizes = await Promise.all(files.map(async ({ name }) => (await stat(join(folder, name))).size));
  return sizes.reduce((sum, size) => sum + size, 0);
}
