import { type FileHandle, mkdir, open, readdir, unlink } from "node:fs/promises";
import { basename, dirname, join } from "node:path";

/** 20240229-235959, in UTC. */
function stamp(timestamp: number): string {
  const [date = "", time = ""] = new Date(timestamp).toISOString().split(/[T.]/);
  return `${date.replaceAll("-", "")}-${time.replaceAll(":", "")}`;
}

const END = ".tfrecord";
const NAMED = /^-\d{8}-\d{6}-\d+(?:-\d+)?\.tfrecord$/;

/** A new file of this prefix; one of the same second gets a number too. The folder is made where it is missing. */
export async function openNext(prefix: string, timestamp: number): Promise<FileHandle> {
  await mkdir(dirname(prefix), { recursive: true });
  const base = `${prefix}-${stamp(timestamp)}-${process.pid}`;
  for (let number = 0; ; number++) {
    try {
      return await open(number === 0 ? base + END : `${base}-${number}${END}`, "wx");
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    }
  }
}

type Named = { readonly name: string; readonly second: string; readonly number: number };

/** Removes all but the last `keep` files of this prefix, by the times in their names. */
export async function removeOldest(prefix: string, keep: number): Promise<void> {
  const [folder, start] = [dirname(prefix), basename(prefix)];
  const files = (await readdir(folder))
    .filter((name) => name.startsWith(start) && NAMED.test(name.slice(start.length)))
    .map((name): Named => {
      const [, date = "", time = "", , number = "0"] = name.slice(start.length, -END.length).split("-");
      return { name, second: date + time, number: Number(number) };
    })
    .sort((a, b) => (a.second === b.second ? a.number - b.number : a.second < b.second ? -1 : 1));
  for (const { name } of files.slice(0, -keep)) await unlink(join(folder, name));
}
