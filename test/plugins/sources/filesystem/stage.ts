import { appendFile, mkdir, mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { Clock } from "salver";
import { fakeHost, recordingLogger, type SourceStage, type VersionFiles } from "salver/testing";
import { filesystemSource } from "../../../../plugins/sources/filesystem/filesystem.js";
import { type FilesystemOptions, options } from "../../../../plugins/sources/filesystem/options.js";

export async function temporaryFolder(): Promise<AsyncDisposable & { readonly path: string }> {
  const path = await mkdtemp(join(tmpdir(), "salver-"));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}

export async function writeFiles(folder: string, files: VersionFiles) {
  await mkdir(folder, { recursive: true });
  for (const [name, content] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), content);
  }
}

export const parse = (written: Record<string, unknown>): FilesystemOptions => options.parse(written);

/**
 * A folder and a source over it. The source's clock runs through its sleeps at once, and before each of them the
 * versions being published grow: between two looks there is always a change, however busy the machine is.
 */
export async function openStage(written: Record<string, unknown> = {}): Promise<SourceStage> {
  const root = await temporaryFolder();
  const base = join(root.path, "model");
  await mkdir(base);
  const growing = new Set<string>();
  let now = 0;
  let looks = 0;
  const clock: Clock = {
    now: () => now,
    sleep: async (ms, signal) => {
      for (const file of growing) await appendFile(file, "more ").catch(() => {});
      await delay(1, undefined, signal ? { signal } : undefined);
      now += ms;
      looks++;
    },
  };
  const host = fakeHost({ id: "staged", baseDir: root.path, clock, log: recordingLogger() });
  const source = filesystemSource(host, parse({ path: "model", watch: false, ...written }));
  return {
    source,
    model: "staged",
    looks: () => looks,
    publish: (version, files) => writeFiles(join(base, `${version}`), files),
    remove: (version) => rm(join(base, `${version}`), { recursive: true }),
    litter: (name) => writeFiles(join(base, name), { "model.bin": "" }),
    async publishSlowly(version, files) {
      const folder = join(base, `${version}`);
      const file = join(folder, Object.keys(files)[0] ?? "");
      growing.add(file);
      await writeFiles(folder, {});
      await appendFile(file, "");
      return {
        async finish() {
          growing.delete(file);
          await writeFiles(folder, files);
        },
      };
    },
    async breakDown() {
      await rename(base, `${base}.away`);
      return { repair: () => rename(`${base}.away`, base) };
    },
    async [Symbol.asyncDispose]() {
      await source[Symbol.asyncDispose]();
      await root[Symbol.asyncDispose]();
    },
  };
}
