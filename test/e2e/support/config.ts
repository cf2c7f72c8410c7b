import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export const quickstart = fileURLToPath(new URL("../../../examples/quickstart", import.meta.url));

/** A folder of its own for a test; `await using` removes it. */
export async function workFolder(): Promise<AsyncDisposable & { readonly path: string }> {
  const path = await mkdtemp(join(tmpdir(), "salver-e2e-"));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}

/** Writes a config into a folder; ports are chosen by the system unless the text says otherwise. */
export async function writeConfig(folder: string, text: string): Promise<string> {
  const file = join(folder, "salver.config.yaml");
  const transports =
    "transports:\n  - { type: grpc, port: 0, host: 127.0.0.1 }\n  - { type: rest, port: 0, host: 127.0.0.1 }\n";
  await writeFile(file, text.includes("transports:") ? text : text + transports);
  return file;
}
