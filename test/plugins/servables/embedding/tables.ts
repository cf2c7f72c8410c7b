import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { fakeHost } from "salver/testing";
import type { Servable, Tensors } from "../../../../core/index.js";
import { embeddingLoader } from "../../../../plugins/servables/embedding/loader.js";
import { options } from "../../../../plugins/servables/embedding/options.js";

export const fixture = (name: string) => fileURLToPath(new URL(`../../../fixtures/embedding/${name}`, import.meta.url));

/** Loads a table from a folder, or a file. */
export function openTable(path: string, chosen: object = {}, signal = new AbortController().signal): Promise<Servable> {
  return loaderOf(path, chosen).load(signal);
}

export const loaderOf = (path: string, chosen: object = {}) =>
  embeddingLoader(fakeHost(), { model: "vectors", version: 1n, path }, options.parse({ threads: 2, ...chosen }));

export async function ask(servable: Servable, signature: string, inputs: Tensors): Promise<Tensors> {
  return servable.run({ signature, inputs, signal: new AbortController().signal });
}

/** A `.npy` of version 1.0. `descr` as NumPy writes it: `<f4`. */
export function npy(descr: string, shape: readonly number[], data: ArrayBufferView, fortran = false): Buffer {
  const tuple = shape.length === 1 ? `${shape[0]},` : shape.join(", ");
  const header = `{'descr': '${descr}', 'fortran_order': ${fortran ? "True" : "False"}, 'shape': (${tuple}), }`;
  const padded = header.padEnd(Math.ceil((header.length + 11) / 64) * 64 - 11);
  const start = Buffer.from([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, 0, 0]);
  start.writeUInt16LE(padded.length + 1, 8);
  return Buffer.concat([start, Buffer.from(`${padded}\n`), Buffer.from(data.buffer, data.byteOffset, data.byteLength)]);
}

export type Folder = AsyncDisposable & { readonly path: string };

/** A version's folder with these files. */
export async function folderOf(files: Readonly<Record<string, string | Uint8Array>>): Promise<Folder> {
  const path = await mkdtemp(join(tmpdir(), "embedding-"));
  for (const [name, content] of Object.entries(files)) {
    await mkdir(join(path, name, ".."), { recursive: true });
    await writeFile(join(path, name), content);
  }
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true }) };
}

export const ids = (data: readonly number[], shape: readonly number[] = [data.length]) =>
  ({ dtype: "int64", shape, data: BigInt64Array.from(data, BigInt) }) as const;

export const floats = (data: readonly number[], shape: readonly number[] = [data.length]) =>
  ({ dtype: "float32", shape, data: Float32Array.from(data) }) as const;
