import type { Telemetry } from "../../../core/index.js";
import type { AnyFamily } from "./family.js";

/** Metrics that belong together, and what counts them. */
export type MetricSet = {
  /** In the order of the page. */
  readonly families: readonly AnyFamily[];
  readonly telemetry: Telemetry;
  /** Forgets the series of a version. */
  retire(model: string, version: bigint): void;
};
