import { readdir, stat } from "node:fs/promises";
import { basename, join } from "node:path";
import { failedPrecondition } from "../../../core/index.js";

const isModel = (name: string) => name.endsWith(".onnx") && !name.startsWith(".");

/** Whether `path` is an ONNX file or a folder with one. */
export async function isOnnx(path: string): Promise<boolean> {
  try {
    if (!(await stat(path)).isDirectory()) return isModel(basename(path));
    return (await readdir(path)).some(isModel);
  } catch {
    return false;
  }
}

/**
 * The model's file: `path` itself, or in a folder `model.onnx`, else its only `*.onnx`.
 * @throws FAILED_PRECONDITION when there is none, or several to choose from
 */
export async function findModel(path: string): Promise<string> {
  if (!(await statOf(path)).isDirectory()) return path;
  const names = (await readdir(path)).filter(isModel).sort();
  const [first, ...others] = names;
  if (first === undefined) {
    throw failedPrecondition(`no ONNX model in ${basename(path)}: expected model.onnx, or one other *.onnx file`);
  }
  if (names.includes("model.onnx")) return join(path, "model.onnx");
  if (others.length > 0) {
    throw failedPrecondition(
      `several ONNX models in ${basename(path)}: ${names.join(", ")}. Call the one to serve model.onnx, or give its path`,
    );
  }
  return join(path, first);
}

async function statOf(path: string) {
  try {
    return await stat(path);
  } catch (cause) {
    throw failedPrecondition(`${basename(path)} is not there, or cannot be read`, cause);
  }
}

/** Bytes of a version's files: the model and, in its folder, the external data that belongs to it. */
export async function sizeOf(path: string): Promise<number> {
  const info = await statOf(path);
  if (!info.isDirectory()) return info.size;
  const entries = await readdir(path, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => !entry.isDirectory());
  const sizes = await Promise.all(files.map(async (file) => (await stat(join(file.parentPath, file.name))).size));
  return sizes.reduce((sum, size) => sum + size, 0);
}
