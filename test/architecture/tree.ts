import { readdir, readFile } from "node:fs/promises";
import { join, posix } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";

export const root = fileURLToPath(new URL("../../", import.meta.url));
const skipped = new Set(["node_modules", "dist", "coverage", ".git", ".cache"]);

/** Every file of the project below `folder`, by its path from the root. */
export async function filesIn(folder: string): Promise<string[]> {
  const entries = await readdir(join(root, folder), { withFileTypes: true });
  const found = await Promise.all(
    entries
      .filter((entry) => !skipped.has(entry.name))
      .map((entry) => {
        const path = posix.join(folder, entry.name);
        return entry.isDirectory() ? filesIn(path) : Promise.resolve([path]);
      }),
  );
  return found.flat().sort();
}

export const read = (path: string) => readFile(join(root, path), "utf8");

export async function sourcesIn(...rooms: readonly string[]): Promise<string[]> {
  const files = (await Promise.all(rooms.map(filesIn))).flat();
  return files.filter((path) => path.endsWith(".ts"));
}

export type Import = {
  readonly from: string;
  /** Path from the root for the project's own modules, the package's name for others. */
  readonly to: string;
  readonly own: boolean;
};

/** What a module imports, statically and dynamically, types included. */
export function importsOf(path: string, text: string): readonly Import[] {
  return ts.preProcessFile(text, true, true).importedFiles.map(({ fileName }) => {
    if (!fileName.startsWith(".")) return { from: path, to: fileName, own: false };
    const to = posix.join(posix.dirname(path), fileName).replace(/\.js$/, ".ts");
    return { from: path, to, own: true };
  });
}
