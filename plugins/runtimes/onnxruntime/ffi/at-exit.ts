import type { Runtime } from "./runtime.js";
import { takeFailure } from "./status.js";

/** Run options of the runs under way. */
const running = new Set<bigint>();

/** Node waits at its exit for native calls that have begun: a long run would keep the process for as long as it takes. */
export function terminateAtExit({ api }: Runtime): void {
  process.once("exit", () => {
    for (const options of running) takeFailure(api, api.runOptionsSetTerminate(options));
  });
}

/** Counts a run as under way until the returned function is called. */
export function underWay(options: bigint): () => void {
  running.add(options);
  return () => {
    running.delete(options);
  };
}
