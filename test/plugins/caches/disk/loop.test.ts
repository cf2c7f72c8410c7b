import { fork } from "node:child_process";
import { once } from "node:events";
import { get, type IncomingMessage } from "node:http";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { fileURLToPath } from "node:url";
import type { RemoteFile } from "salver";
import { expect, onTestFinished, test } from "vitest";
import { cacheIn, forever, temporaryFolder, versionOf } from "./support.js";

const MB = 2 ** 20;
/** SALVER_BIG_FILE=1024 for the figures in the README. */
const size = Number(process.env.SALVER_BIG_FILE ?? 200) * MB;

/** The server is another process: what its loop does is no work of this one. */
async function bigFile(): Promise<RemoteFile> {
  const program = fileURLToPath(new URL("big-file-server.ts", import.meta.url));
  const child = fork(program, [String(size)], { execArgv: ["--import", "tsx"] });
  onTestFinished(() => void child.kill());
  const [{ port, sha256 }] = (await once(child, "message")) as [{ port: number; sha256: string }];
  return {
    path: "weights",
    size,
    sha256,
    fetch: async (_, signal) => {
      const request = get({ host: "127.0.0.1", port, signal });
      const [response] = (await once(request, "response")) as [IncomingMessage];
      return { offset: 0, size, bytes: response };
    },
  };
}

test("a big file is fetched and hashed without holding the loop or the memory", async () => {
  const cache = cacheIn(await temporaryFolder());
  const file = await bigFile();
  globalThis.gc?.();
  const idle = process.memoryUsage().rss;
  let most = idle;
  const watch = setInterval(() => {
    most = Math.max(most, process.memoryUsage().rss);
  }, 20);
  const delay = monitorEventLoopDelay({ resolution: 5 });
  delay.enable();
  const start = performance.now();
  const { release } = await cache.bring(versionOf([file]), forever());
  const seconds = (performance.now() - start) / 1000;
  delay.disable();
  clearInterval(watch);
  release();

  const p99 = delay.percentile(99) / 1e6;
  const grown = (most - idle) / MB;
  if (process.env.SALVER_BIG_FILE)
    console.log(
      `${size / MB} MB in ${seconds.toFixed(1)} s: loop p99 ${p99.toFixed(1)} ms, max ${(delay.max / 1e6).toFixed(1)} ms, memory +${grown.toFixed(0)} MB`,
    );
  // Room for a busy machine: hashing or writing the file in one go would hold the loop for much longer, and all of it
  // in memory would be twice as much.
  expect(p99).toBeLessThan(60);
  expect(delay.max / 1e6).toBeLessThan(400);
  expect(grown).toBeLessThan(100);
}, 120_000);
