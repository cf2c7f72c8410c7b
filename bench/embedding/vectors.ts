import { mkdir, mkdtemp, open, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

export type Vectors = AsyncDisposable & {
  readonly rows: number;
  readonly width: number;
  /** A model's folder, for the config. */
  readonly path: string;
  readonly file: string;
};

const CENTRES = 1000;
const AT_ONCE = 10_000;

/** Numbers between -0.5 and 0.5, the same at each run. */
export function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32 - 0.5;
  };
}

/** A table on disk of vectors around some centres, as those of words and of items are. */
export async function makeVectors(rows: number, width: number): Promise<Vectors> {
  const path = await mkdtemp(join(tmpdir(), "vectors-"));
  await mkdir(join(path, "1"));
  const file = join(path, "1", "embeddings.npy");
  const random = randomNumbers(1);
  const centres = Float32Array.from({ length: CENTRES * width }, random);
  await using out = await open(file, "w");
  const said = `{'descr': '<f4', 'fortran_order': False, 'shape': (${rows}, ${width}), }`.padEnd(117);
  await out.write(Buffer.concat([Buffer.from("\x93NUMPY\x01\x00\x76\x00", "latin1"), Buffer.from(`${said}\n`)]));
  for (let from = 0; from < rows; from += AT_ONCE) {
    const count = Math.min(AT_ONCE, rows - from);
    const piece = Float32Array.from({ length: count * width }, (_, i) => {
      const centre = (from + Math.floor(i / width)) % CENTRES;
      return centres[centre * width + (i % width)]! + random();
    });
    await out.write(new Uint8Array(piece.buffer));
  }
  return { rows, width, path, file, [Symbol.asyncDispose]: () => rm(path, { recursive: true }) };
}
