// Runs mnist at batch 256 back to back while models load, and says how late the event loop's timers were.
// A process of its own, on the built package: nothing of the test runner is on its loop.

import { join } from "node:path";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { createServer, tensor } from "../../../dist/core/index.js";
import { builtins } from "../../../dist/plugins/index.js";

const [models, seconds] = process.argv.slice(2);
const path = (name) => join(models, name);
const config = (names) => ({
  models: Object.fromEntries(names.map((name) => [name, { path: path(name) }])),
  transports: [],
  log: {},
});
const server = await createServer(config(["mnist"]), { plugins: builtins });
await server.start();
await server.settled;
const image = tensor("float32", [256, 28, 28, 1], new Float32Array(256 * 784).fill(0.5));
const run = async () => {
  const lease = server.frontend.lease({ name: "mnist" });
  const start = performance.now();
  await lease.predict("", { image }, { signal: new AbortController().signal });
  lease[Symbol.dispose]();
  return performance.now() - start;
};
for (let i = 0; i < 5; i++) await run();

const delay = monitorEventLoopDelay({ resolution: 1 });
delay.enable();
const until = performance.now() + Number(seconds) * 1000;
const lengths = [];
let loads = 0;
const running = (async () => {
  while (performance.now() < until) lengths.push(await run());
})();
const loading = (async () => {
  while (performance.now() < until) {
    const other = await createServer(config(["mnist", "deepfm", "mnist_onnx"]), { plugins: builtins });
    await other.start();
    await other.settled;
    loads += other.versions().filter(({ state }) => state === "AVAILABLE").length;
    await other.stop();
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
})();
await Promise.all([running, loading]);
delay.disable();
lengths.sort((a, b) => a - b);
const at = (q) => delay.percentile(q) / 1e6;
const result = {
  runs: lengths.length,
  runMs: lengths[lengths.length >> 1],
  loads,
  p50: at(50),
  p99: at(99),
  max: at(100),
};
process.stdout.write(JSON.stringify(result));
await server.stop();
