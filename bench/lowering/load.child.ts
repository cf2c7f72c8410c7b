import { monitorEventLoopDelay } from "node:perf_hooks";
import { openModel } from "../harness/models.js";

export type LoadJob = { readonly path: string; readonly engine: string };
export type LoadFigures = {
  readonly milliseconds: number;
  readonly megabytes: number;
  /** The longest that the event loop was held, ms. */
  readonly longestHold: number;
};

const RESOLUTION = 1;

const { path, engine } = JSON.parse(process.argv[2] ?? "{}") as LoadJob;
const memory = process.memoryUsage.rss();
const lag = monitorEventLoopDelay({ resolution: RESOLUTION });
lag.enable();
const start = performance.now();
await openModel({ path, servable: { type: "savedmodel", engine } });
const figures: LoadFigures = {
  milliseconds: performance.now() - start,
  megabytes: (process.memoryUsage.rss() - memory) / 2 ** 20,
  longestHold: lag.max / 1e6 - RESOLUTION,
};
process.send?.(figures, () => process.exit(0));
