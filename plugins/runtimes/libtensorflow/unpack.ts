import { createReadStream, createWriteStream } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import { basename, join } from "node:path";
import type { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { list } from "tar";
import { openPromise } from "yauzl";
import { failedPrecondition, isServingError, messageOf, ServingError } from "../../../core/index.js";
import { type Log, progress } from "./progress.js";
import { ensureRoom } from "./room.js";

/** The name that a library is looked for by: `libtensorflow.so.2.18.0` is kept as `libtensorflow.so.2`. */
export function keptName(file: string): string | undefined {
  const name = file.split("/").at(-1) ?? "";
  if (process.platform === "win32") return name === "tensorflow.dll" ? name : undefined;
  const [pattern, end] =
    process.platform === "darwin"
      ? [/^(libtensorflow(?:_cc|_framework)?)(?:\.2[\d.]*)?\.dylib$/, ".2.dylib"]
      : [/^(libtensorflow(?:_cc|_framework)?)\.so(?:\.2[\d.]*)?$/, ".so.2"];
  const [, stem] = pattern.exec(name) ?? [];
  return stem && `${stem}${end}`;
}

/** Writes library files into one folder, each name once: archives hold the same file under several. */
function keeper(folder: string, log: Log) {
  const taken = new Set<string>();
  return {
    /** Under which name to keep `file`; undefined when it is not wanted. */
    claim: (file: string): string | undefined => {
      const name = keptName(file);
      if (name === undefined || taken.has(name)) return undefined;
      taken.add(name);
      return name;
    },
    write: async (name: string, size: number, stream: NodeJS.ReadableStream): Promise<void> => {
      await ensureRoom(folder, size);
      await pipeline(stream, progress(name, size, log), createWriteStream(join(folder, name)));
    },
  };
}

type Keeper = ReturnType<typeof keeper>;

async function fromZip(source: string, { claim, write }: Keeper): Promise<void> {
  const zip = await openPromise(source);
  for await (const entry of zip.eachEntry()) {
    const name = claim(entry.fileName);
    if (name) await write(name, entry.uncompressedSize, await zip.openReadStreamPromise(entry));
  }
}

async function fromTar(source: string, { claim, write }: Keeper): Promise<void> {
  const writes: Promise<void>[] = [];
  await list({
    file: source,
    strict: true,
    onReadEntry: (entry) => {
      const name = entry.type === "File" ? claim(entry.path) : undefined;
      if (!name) return;
      const written = write(name, entry.size, entry as unknown as Readable);
      // Awaited below, once the archive has been read; until then a failure must not count as unhandled.
      written.catch(() => entry.resume());
      writes.push(written);
    },
  });
  await Promise.all(writes);
}

/** Folders of a wheel or an archive that somebody has unpacked, and of an installed Python package. */
const INSIDE = ["", "lib", "tensorflow"];

async function fromFolder(source: string, { claim, write }: Keeper): Promise<void> {
  for (const inside of INSIDE) {
    const folder = join(source, inside);
    for (const file of await readdir(folder).catch(() => [])) {
      const path = join(folder, file);
      const info = await stat(path);
      const name = info.isFile() ? claim(file) : undefined;
      if (name) await write(name, info.size, createReadStream(path));
    }
  }
}

/**
 * Copies the library files, and nothing else, out of a wheel, an archive or a folder into `folder`.
 * @throws FAILED_PRECONDITION for a file of another kind, DATA_LOSS for a damaged one, RESOURCE_EXHAUSTED without room
 */
export async function unpack(source: string, folder: string, log: Log): Promise<void> {
  const keep = keeper(folder, log);
  const name = basename(source);
  if ((await stat(source)).isDirectory()) return fromFolder(source, keep);
  const read = /\.(whl|zip)$/i.test(name) ? fromZip : /\.(tar\.gz|tgz|tar)$/i.test(name) ? fromTar : undefined;
  if (!read) throw failedPrecondition(`${name} is neither a wheel (.whl) nor a .tar.gz, a .zip or a folder`);
  try {
    await read(source, keep);
  } catch (error) {
    // Errors of the file system have a code of letters; what is left is the archive's own fault.
    if (isServingError(error) || /^E[A-Z]+$/.test(String((error as { code?: unknown }).code))) throw error;
    throw new ServingError("DATA_LOSS", `${name} is damaged: ${messageOf(error)}; fetch it again`, { cause: error });
  }
}
