import { Worker, type WorkerOptions } from "node:worker_threads";

/**
 * A worker thread for a module of this package: `spawnWorker(new URL("./name.worker.js", import.meta.url))`.
 * When the package runs from its TypeScript sources, as its own tests do, so does the worker.
 */
export function spawnWorker(module: URL, options: WorkerOptions = {}): Worker {
  if (!import.meta.url.endsWith(".ts")) return new Worker(module, options);
  const source = module.href.replace(/\.js$/, ".ts");
  const start = `import("tsx/esm/api").then(({ register }) => { register(); return import(${JSON.stringify(source)}); })`;
  return new Worker(start, { ...options, eval: true });
}
