import { type Logger, messageOf } from "../../../core/index.js";

/**
 * Calls `ring` when the operating system reports a change at `path`. A hint and no more: on network file systems, or
 * when the system has no watches left, it never rings; that is logged once and left at that.
 * Returns a function that ends it.
 */
export function ringOnChange(path: string, ring: () => void, log: Logger): () => Promise<void> {
  let ended = false;
  let told = false;
  let close = async () => {};

  const giveUp = (error: unknown) => {
    if (!told) log.warn({ path }, `cannot watch ${path} for changes, polling goes on: ${messageOf(error)}`);
    told = true;
  };

  const start = async () => {
    const { watch } = await import("chokidar");
    if (ended) return;
    const watcher = watch(path, { depth: 0, ignoreInitial: true });
    close = () => watcher.close();
    watcher.on("all", ring).on("ready", ring).on("error", giveUp);
  };

  const started = start().catch(giveUp);
  return async () => {
    ended = true;
    await started;
    await close().catch(giveUp);
  };
}
