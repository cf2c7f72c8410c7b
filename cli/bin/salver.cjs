#!/usr/bin/env -S node --max-semi-space-size=32 --initial-old-space-size=256
// Requests are large and gone at once: a young generation that is too small moves them to the old one, and an old one that
// starts small is collected for their sake many times a second, which takes a third of the machine.
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
