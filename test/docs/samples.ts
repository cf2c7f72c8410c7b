import { mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export const root = fileURLToPath(new URL("../../", import.meta.url));

const fence = /^```\w+ file=(\S+)\n([\s\S]*?)^```$/gm;

/** The code blocks of a document that name a file, by that name. */
export async function samplesOf(document: string): Promise<ReadonlyMap<string, string>> {
  const text = await readFile(join(root, document), "utf8");
  return new Map([...text.matchAll(fence)].map(([, name = "", code = ""]) => [name, code]));
}

/** A folder outside the project with the files, where packages are found as in a project that depends on them. */
export async function folderWith(
  files: ReadonlyMap<string, string>,
): Promise<AsyncDisposable & { readonly path: string }> {
  const path = await mkdtemp(join(tmpdir(), "salver-docs-"));
  await symlink(join(root, "node_modules"), join(path, "node_modules"), "junction");
  await writeFile(join(path, "package.json"), '{ "type": "module" }');
  for (const [name, code] of files) await writeFile(join(path, name), code);
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}
