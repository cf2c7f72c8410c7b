#!/usr/bin/env -S node --max-semi-space-size=32
// CommonJS on purpose: native runs use libuv's pool, whose size is read once, when the first module is loaded by ESM.
// Twice the cores keeps them busy while runs wait for memory; more would only take time from the event loop.
process.env.UV_THREADPOOL_SIZE ??= String(2 * require("node:os").availableParallelism() + 4);
import("../../dist/cli/main.js").then(
  ({ main }) => main(process.argv),
  (error) => {
    const unbuilt = error.code === "ERR_MODULE_NOT_FOUND" && /dist.cli.main/.test(error.message);
    console.error(unbuilt ? "Salver is not built yet: run `npm run build` first." : error);
    process.exitCode = 1;
  },
);
