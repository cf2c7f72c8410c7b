import type { Clock } from "../clock.js";
import type { Logger } from "../logger.js";
import type { Telemetry } from "../telemetry.js";
import type { EventBus } from "./events.js";
import type { MemoryLedger } from "./memory.js";

/** What is around a manager. */
export type ManagerHouse = {
  readonly clock: Clock;
  readonly log: Logger;
  readonly events: EventBus;
  readonly memory: MemoryLedger;
  readonly telemetry?: Telemetry;
  /** Loads under way at once, over all models. */
  readonly loadConcurrency: number;
  /** Called when the routing table is another, before the new states are published. */
  onReroute?(): void;
};
