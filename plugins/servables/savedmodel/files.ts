import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";

const exists = (path: string) =>
  stat(path).then(
    () => true,
    () => false,
  );

/** Whether the folder holds a SavedModel, in either form; the text form is refused at load with what to do. */
export async function isSavedModel(path: string): Promise<boolean> {
  return (await exists(join(path, "saved_model.pb"))) || exists(join(path, "saved_model.pbtxt"));
}

/** Bytes of all files in the folder. */
export async function bytesOnDisk(path: string): Promise<number> {
  const entries = await readdir(path, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => !entry.isDirectory());
  const sizes = await Promise.all(files.map(async (file) => (await stat(join(file.parentPath, file.name))).size));
  return sizes.reduce((sum, size) => sum + size, 0);
}
