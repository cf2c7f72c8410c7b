import type { Registry } from "prom-client";

let registry: Promise<Registry> | undefined;

async function watchProcess(): Promise<Registry> {
  const { collectDefaultMetrics, Registry } = await import("prom-client");
  const made = new Registry();
  collectDefaultMetrics({ register: made });
  return made;
}

/**
 * Event loop lag, garbage collections, memory, CPU time, open files, by the names that Node dashboards know. One set for
 * the process; measured from the first call on, so that a server nobody scrapes pays nothing.
 */
export async function processMetrics(): Promise<string> {
  registry ??= watchProcess();
  return (await registry).metrics();
}
