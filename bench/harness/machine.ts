import { availableParallelism, cpus, loadavg, totalmem } from "node:os";

/** The machine that the figures are of, and how busy it was, for the reader to judge them by. */
export function describeMachine(): string {
  const [cpu] = cpus();
  const memory = Math.round(totalmem() / 2 ** 30);
  const load = loadavg()[0]!.toFixed(1);
  return `${availableParallelism()} cores of ${cpu?.model.trim() ?? process.arch}, ${memory} GiB, Node ${process.versions.node}, load ${load}`;
}
