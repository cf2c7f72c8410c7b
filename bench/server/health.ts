import { setTimeout as sleep } from "node:timers/promises";
import type { Service } from "../harness/service.js";
import { type Asking, serviceSide } from "../harness/side.js";
import { quantile } from "../harness/stats.js";

const EVERY = 5;

export type Health = { readonly answers: number; readonly p50: number; readonly p99: number; readonly bad: number };

/** How long /healthz takes to answer, ms, while the server is asked as fast as it can answer. */
export async function healthUnderLoad(service: Service, asking: Asking, milliseconds: number): Promise<Health> {
  const side = await serviceSide(service, asking);
  const url = `http://127.0.0.1:${service.ports.rest}/healthz`;
  const times: number[] = [];
  let [loaded, bad] = [true, 0];
  try {
    await side.turn(milliseconds / 4);
    const load = side.turn(milliseconds).finally(() => {
      loaded = false;
    });
    for (; loaded; await sleep(EVERY)) {
      const start = performance.now();
      const response = await fetch(url);
      await response.arrayBuffer();
      if (!loaded) break;
      times.push(performance.now() - start);
      if (response.status !== 200) bad++;
    }
    bad += (await load).bad;
  } finally {
    await side[Symbol.asyncDispose]();
  }
  return { answers: times.length, p50: quantile(times, 0.5), p99: quantile(times, 0.99), bad };
}
