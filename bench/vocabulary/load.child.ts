import { monitorEventLoopDelay } from "node:perf_hooks";
import { openModel } from "../harness/models.js";

export type LoadFigures = {
  readonly milliseconds: number;
  readonly megabytes: number;
  /** The longest that the event loop was held, ms. */
  readonly longestHold: number;
};

const RESOLUTION = 1;
const [path = "", small = ""] = process.argv.slice(2);

// A first model brings the code, whose memory is not the table's.
await openModel({ path: small, servable: { type: "vocabulary" } });

const memory = process.memoryUsage.rss();
const lag = monitorEventLoopDelay({ resolution: RESOLUTION });
lag.enable();
const start = performance.now();
await openModel({ path, servable: { type: "vocabulary" } });
const figures: LoadFigures = {
  milliseconds: performance.now() - start,
  megabytes: (process.memoryUsage.rss() - memory) / 2 ** 20,
  longestHold: lag.max / 1e6 - RESOLUTION,
};
process.send?.(figures, () => process.exit(0));
