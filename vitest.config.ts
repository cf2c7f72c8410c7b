import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";
import { skipReporter } from "./test/support/skip-reporter.js";

// The processes that run the tests inherit it: native runs need more than libuv's four threads, as under the command.
process.env.UV_THREADPOOL_SIZE ??= "8";

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

export default defineConfig({
  resolve: {
    alias: [
      { find: /^salver$/, replacement: here("core/index.ts") },
      { find: /^salver\/testing$/, replacement: here("core/testing/index.ts") },
      { find: /^salver\/plugins$/, replacement: here("plugins/index.ts") },
    ],
  },
  test: {
    reporters: ["default", skipReporter],
    // Gets a libtensorflow where one can be had; the tests that need it say why they are skipped otherwise.
    globalSetup: ["test/support/libtensorflow.ts"],
    include: ["test/**/*.test.ts", "examples/**/*.test.ts"],
    pool: "forks",
    // By default one core of two would be left to vitest itself, which has little to do.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    testTimeout: 30_000,
    hookTimeout: 60_000,
  },
});
