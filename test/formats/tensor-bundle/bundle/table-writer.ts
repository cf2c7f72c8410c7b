import { crc32c } from "@node-rs/crc32";
import { compressSync } from "snappy";

function varint(value: number): number[] {
  const out: number[] = [];
  let rest = value;
  for (; rest > 0x7f; rest = Math.floor(rest / 128)) out.push((rest % 128) + 128);
  return [...out, rest];
}

type Entry = readonly [key: Buffer, value: Buffer];

function block(entries: readonly Entry[], restartEvery: number): Buffer {
  const parts: Buffer[] = [];
  const restarts: number[] = [];
  let size = 0;
  let last: Buffer = Buffer.alloc(0);
  for (const [i, [key, value]] of entries.entries()) {
    let shared = 0;
    if (i % restartEvery === 0) restarts.push(size);
    else while (shared < key.length && key[shared] === last[shared]) shared++;
    const head = [...varint(shared), ...varint(key.length - shared), ...varint(value.length)];
    const part = Buffer.concat([Buffer.from(head), key.subarray(shared), value]);
    parts.push(part);
    size += part.length;
    last = key;
  }
  const tail = Buffer.alloc(4 * (restarts.length + 1));
  for (const [i, at] of [...restarts, restarts.length].entries()) tail.writeUInt32LE(at, 4 * i);
  return Buffer.concat([...parts, tail]);
}

/** A LevelDB-style table, written by its published format alone, so that the reader is not tested against itself. */
export function writeTable(
  entries: readonly Entry[],
  { compress = false, perBlock = 3, restartEvery = 2 } = {},
): Buffer {
  const file: Buffer[] = [];
  let size = 0;
  const put = (contents: Buffer): Buffer => {
    const body = Buffer.concat([compress ? compressSync(contents) : contents, Buffer.from([compress ? 1 : 0])]);
    const crc = crc32c(body);
    const trailer = Buffer.alloc(4);
    trailer.writeUInt32LE((((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0);
    file.push(body, trailer);
    const handle = Buffer.from([...varint(size), ...varint(body.length - 1)]);
    size += body.length + 4;
    return handle;
  };
  const index: Entry[] = [];
  for (let i = 0; i < entries.length; i += perBlock) {
    const part = entries.slice(i, i + perBlock);
    index.push([part.at(-1)![0], put(block(part, restartEvery))]);
  }
  const meta = put(block([], 1));
  const footer = Buffer.alloc(48);
  Buffer.concat([meta, put(block(index, 1))]).copy(footer);
  footer.writeBigUInt64LE(0xdb4775248b80fb57n, 40);
  return Buffer.concat([...file, footer]);
}
