import type { ThreadParts } from "../core/index.js";

/** What a server of the default distribution needs for `ioThreads` above 1. */
export const threads: ThreadParts = {
  module: new URL("./io-thread.worker.js", import.meta.url),
  duplicator: async () => (await import("./runtimes/native/index.js")).duplicate,
};
