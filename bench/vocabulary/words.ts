import { once } from "node:events";
import { createWriteStream } from "node:fs";
import { mkdir, mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

export type Words = AsyncDisposable & {
  readonly size: number;
  /** A model's folder, for the config. */
  readonly path: string;
  readonly file: string;
  readonly bytes: number;
  word(index: number): string;
};

/** Spreads numbers, so that neighbours share no beginning. */
const word = (index: number) => `item_${(Math.imul(index, 0x9e3779b1) >>> 0).toString(36)}`;

/** A vocabulary of made-up words, about 11 bytes each, on disk. */
export async function makeWords(size: number): Promise<Words> {
  const path = await mkdtemp(join(tmpdir(), "words-"));
  const file = join(path, "1", "vocab.txt");
  await mkdir(join(path, "1"));
  const stream = createWriteStream(file);
  const PIECE = 10_000;
  for (let from = 0; from < size; from += PIECE) {
    const lines = Array.from({ length: Math.min(PIECE, size - from) }, (_, i) => `${word(from + i)}\n`);
    if (!stream.write(lines.join(""))) await once(stream, "drain");
  }
  stream.end();
  await once(stream, "close");
  const { size: bytes } = await stat(file);
  return { size, path, file, bytes, word, [Symbol.asyncDispose]: () => rm(path, { recursive: true }) };
}
