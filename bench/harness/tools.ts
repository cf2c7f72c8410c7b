import { execFile } from "node:child_process";
import { access, constants } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { promisify } from "node:util";

/** Why something is left out of a comparison, for people. */
export type Skipped = { readonly skipped: string };

/** Stdout. @throws with what the program wrote when it fails */
export async function runTool(file: string, args: readonly string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(file, args, { maxBuffer: 2 ** 28 });
  return stdout;
}

/** The file that the shell would run. */
export async function findTool(name: string): Promise<string | undefined> {
  for (const folder of (process.env.PATH ?? "").split(delimiter)) {
    const file = join(folder, name);
    const runnable = await access(file, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (folder !== "" && runnable) return file;
  }
  return undefined;
}

/** Names of those that are not installed. */
export async function missingTools(names: readonly string[]): Promise<readonly string[]> {
  const found = await Promise.all(names.map(findTool));
  return names.filter((_, i) => found[i] === undefined);
}
