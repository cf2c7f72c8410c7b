import { createHash } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { type Brought, type RemoteFile, silentLogger, silentTelemetry, systemClock } from "../../../../core/index.js";
import { createDiskCache } from "../../../../plugins/caches/disk/disk-cache.js";
import type { Asked, Order, Said } from "./processes.js";

// A process with a cache of its own in the folder that it is given: brings what it is told to.
const [, , path = ""] = process.argv;
const say = (said: Said) => process.send?.(said);

const cache = createDiskCache({
  path,
  quota: undefined,
  clock: systemClock,
  log: silentLogger,
  telemetry: silentTelemetry,
});
const held: Brought[] = [];

function fileOf({ letter, length, pause }: Asked): RemoteFile {
  const bytes = Buffer.alloc(length, letter);
  return {
    path: letter,
    size: length,
    sha256: createHash("sha256").update(bytes).digest("hex"),
    fetch: async (offset) => {
      say({ asked: offset });
      return { offset, size: length, etag: letter, bytes: slowly(bytes.subarray(offset), pause) };
    },
  };
}

async function* slowly(bytes: Buffer, pause: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += 64 * 1024) {
    yield bytes.subarray(at, at + 64 * 1024);
    say({ sent: at });
    await delay(pause);
  }
}

process.on("message", async (order: Order) => {
  if (order === "release") {
    for (const each of held.splice(0)) each.release();
    await cache.idle();
    return say("released");
  }
  const files = order.map(fileOf);
  const letters = order.map(({ letter }) => letter).join("");
  const version = { model: "m", version: 1n, uri: `memory://${letters}/`, files };
  try {
    const brought = await cache.bring(version, new AbortController().signal);
    held.push(brought);
    say({ path: brought.path });
  } catch (error) {
    say({ failed: String(error) });
  }
});
say("ready");
