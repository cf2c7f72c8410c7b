import type { Server } from "../core/index.js";

/** Resolves when a signal has come and the server has stopped; a second signal leaves at once with 1. */
export function stopOnSignal(server: Server, onSignal: (signal: string) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    let asked = false;
    const stop = (signal: string) => {
      if (asked) process.exit(1);
      asked = true;
      onSignal(signal);
      server.stop().then(resolve, reject);
    };
    process.on("SIGTERM", stop);
    process.on("SIGINT", stop);
  });
}
