import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll } from "vitest";
import type { LoaderFactory, Servable, ServableFactory } from "../../../../core/index.js";
import { fakeHost } from "../../../../core/testing/index.js";
import plugin from "../../../../plugins/servables/vocabulary/index.js";

export const factory = plugin.factories[0] as ServableFactory;
export const { signal } = new AbortController();

export const fixture = (path: string) => fileURLToPath(new URL(`../../../fixtures/${path}`, import.meta.url));

export async function loaderOf(path: string, options: object = {}) {
  const make = (await factory.create(fakeHost(), factory.options.parse(options))) as LoaderFactory;
  return make({ model: "words", version: 1n, path });
}

export const load = async (path: string, options: object = {}): Promise<Servable> =>
  (await loaderOf(path, options)).load(signal);

/** Folders that are gone after the file's tests. */
export function folders() {
  const made: string[] = [];
  afterAll(() => Promise.all(made.map((path) => rm(path, { recursive: true, force: true }))));
  return async (files: Readonly<Record<string, string | Uint8Array>>): Promise<string> => {
    const folder = await mkdtemp(join(tmpdir(), "vocabulary-"));
    made.push(folder);
    for (const [name, content] of Object.entries(files)) {
      await mkdir(dirname(join(folder, name)), { recursive: true });
      await writeFile(join(folder, name), content);
    }
    return folder;
  };
}
