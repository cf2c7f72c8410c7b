import assert from "node:assert/strict";
import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { isServingError } from "../errors.js";
import type { Artifact } from "../source.js";
import type { VersionFiles } from "./source-stage.js";

/** A version of two files, one of them long enough to stop in the middle of. */
export const files: VersionFiles = { "model.bin": "weights ".repeat(4096), "assets/vocabulary.txt": "a\nb\n" };
/** Other contents of the same sizes. */
export const newer: VersionFiles = { "model.bin": "WEIGHTS ".repeat(4096), "assets/vocabulary.txt": "c\nd\n" };

/** A signal of its own that does not abort. */
export const never = (): AbortSignal => new AbortController().signal;

export async function assertComplete(path: string, wanted: VersionFiles): Promise<void> {
  for (const [name, content] of Object.entries(wanted)) {
    assert.ok((await readFile(join(path, name), "utf8")) === content, `${name} in the opened version is as published`);
  }
}

/** What became of an `open`: a path, or an error that one can do something with. */
export async function outcomeOf(opening: Promise<string>): Promise<{ path: string } | { code: string }> {
  try {
    return { path: await opening };
  } catch (error) {
    assert.ok(isServingError(error), `open rejects with a ServingError, not with ${error}`);
    assert.notEqual(error.code, "INTERNAL", `open says what is wrong: ${error.message}`);
    assert.ok(error.message.length > 0, "open says what is wrong");
    return { code: error.code };
  }
}

/** Opens a version that can be had, whole, and releases it. */
export async function assertOpens(artifact: Artifact, wanted: VersionFiles): Promise<string> {
  const path = await artifact.open(never());
  await assertComplete(path, wanted);
  artifact.release?.();
  return path;
}

/** Sizes by path of all files below a folder; empty where there is none. */
export async function filesBelow(folder: string): Promise<ReadonlyMap<string, number>> {
  const entries = await readdir(folder, { recursive: true }).catch(() => []);
  const sizes = await Promise.all(
    entries.map(async (name) => {
      const path = join(folder, name);
      const info = await stat(path).catch(() => undefined);
      return info?.isFile() ? ([[path, info.size]] as const) : [];
    }),
  );
  return new Map(sizes.flat());
}
