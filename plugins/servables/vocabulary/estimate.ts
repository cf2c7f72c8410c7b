import { createReadStream } from "node:fs";
import type { Source } from "./files.js";

const MiB = 2 ** 20;
const [NEWLINE, QUOTE] = [10, 34];

/** Bytes of a table beside its tokens, for each: where it begins, its share of the places, and its id. */
const PLAIN = 10;
const NUMBERED = 34;
/** Of a tokenizer: the file's text, what is parsed from it, and the maps that the library makes of that. */
const TIMES_FILE = 20;
const THREAD = 32 * MiB;

/** More lines or, of JSON, strings than the file can have entries. */
async function mostEntries({ path, format }: Source): Promise<{ entries: number; size: number }> {
  const mark = format === "json" ? QUOTE : NEWLINE;
  let [marks, size] = [0, 0];
  for await (const chunk of createReadStream(path, { highWaterMark: MiB })) {
    const bytes: Buffer = chunk;
    for (let at = bytes.indexOf(mark); at >= 0; at = bytes.indexOf(mark, at + 1)) marks++;
    size += bytes.length;
  }
  return { entries: format === "json" ? marks / 2 : marks + 1, size };
}

/** An upper bound of the bytes that a version takes, while it loads included. */
export async function estimateMemory(source: Source, threads: number): Promise<number> {
  const { entries, size } = await mostEntries(source);
  if (source.format === "tokenizer") return threads * (TIMES_FILE * size + THREAD);
  const numbered = source.format !== "text";
  return Math.ceil((numbered ? 2 * size + NUMBERED * entries : size + PLAIN * entries) + MiB);
}
