import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { basename } from "node:path";
import { dataLoss, notFound } from "../../core/index.js";

type Shard = { readonly fd: number; readonly size: number; readonly file: string };

export type Shards = {
  /** Checks that the range lies inside the shard, before anything is allocated for it. */
  check(shard: number, offset: number, size: number, what: string): void;
  read(shard: number, offset: number, target: Uint8Array, what: string): void;
  close(): void;
};

// One read call of Node takes at most 2^31-1 bytes.
const CHUNK = 2 ** 30;

/** The data files beside an index, opened at first use. `prefix` is the index's path without `.index`. */
export function openShards(prefix: string, count: number): Shards {
  const open = new Map<number, Shard>();
  const digits = (value: number) => String(value).padStart(5, "0");

  function shardAt(index: number, what: string): Shard {
    const known = open.get(index);
    if (known) return known;
    const path = `${prefix}.data-${digits(index)}-of-${digits(count)}`;
    const file = basename(path);
    let fd: number;
    try {
      fd = openSync(path, "r");
    } catch (error) {
      throw notFound(`${file}, which holds ${what}, is missing or cannot be read`, error);
    }
    const shard = { fd, size: fstatSync(fd).size, file };
    open.set(index, shard);
    return shard;
  }

  return {
    check: (index, offset, size, what) => {
      if (!(index >= 0 && index < count)) throw dataLoss(`${what} lies in shard ${index}, there are ${count}`);
      const shard = shardAt(index, what);
      if (offset < 0 || size < 0 || offset + size > shard.size) {
        throw dataLoss(
          `${shard.file} was cut short: ${what} takes bytes ${offset} to ${offset + size}, the file has ${shard.size}`,
        );
      }
    },
    read: (index, offset, target, what) => {
      const { fd, file } = shardAt(index, what);
      let done = 0;
      while (done < target.length) {
        const count = readSync(fd, target, done, Math.min(CHUNK, target.length - done), offset + done);
        if (count === 0) throw dataLoss(`${file} was cut short while ${what} was read`);
        done += count;
      }
    },
    close: () => {
      for (const { fd } of open.values()) closeSync(fd);
      open.clear();
    },
  };
}
