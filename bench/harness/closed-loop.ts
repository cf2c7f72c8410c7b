import { quantile } from "./stats.js";

/** What some seconds of load came to. Times in ms. */
export type Load = {
  readonly perSecond: number;
  readonly p10: number;
  readonly p50: number;
  readonly p99: number;
  /** Microseconds of this process's CPU that one call took, threads of native libraries included. */
  readonly cpu: number;
  /** The longest that the event loop was held. */
  readonly longestHold: number;
};

const TICK = 5;

/** Callers that each ask again as soon as they are answered. `once` rejects when an answer is wrong. */
export async function closedLoop(once: () => Promise<void>, callers: number, milliseconds: number): Promise<Load> {
  const latencies: number[] = [];
  const start = performance.now();
  const cpu = process.cpuUsage();
  let [tick, longestHold] = [start, 0];
  const timer = setInterval(() => {
    const now = performance.now();
    longestHold = Math.max(longestHold, now - tick - TICK);
    tick = now;
  }, TICK);
  const end = start + milliseconds;
  const caller = async () => {
    for (let since = performance.now(); since < end; ) {
      await once();
      const now = performance.now();
      latencies.push(now - since);
      since = now;
    }
  };
  try {
    await Promise.all(Array.from({ length: callers }, caller));
  } finally {
    clearInterval(timer);
  }
  const seconds = (performance.now() - start) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  return {
    perSecond: latencies.length / seconds,
    p10: quantile(latencies, 0.1),
    p50: quantile(latencies, 0.5),
    p99: quantile(latencies, 0.99),
    cpu: (user + system) / latencies.length,
    longestHold,
  };
}
