import { systemClock } from "../clock.js";
import { createContainer, provide } from "../container.js";
import type { Host } from "../host.js";
import { ListenerToken } from "../listener.js";
import { silentLogger } from "../logger.js";
import { MetricsPageToken } from "../metrics-page.js";
import { silentTelemetry, TelemetryToken } from "../telemetry.js";

/**
 * A host for a component under test: named `test`, silent, on the real clock, with the current folder as its base and
 * a container of its own with nothing but silent telemetry, no metrics page and no listener; its options stand in no
 * file. `overrides` replace any of this.
 */
export function fakeHost(overrides: Partial<Host> = {}): Host {
  const container = createContainer();
  container.add(
    provide(TelemetryToken, () => silentTelemetry),
    provide(MetricsPageToken, () => undefined),
    provide(ListenerToken, () => undefined),
  );
  return {
    id: "test",
    baseDir: process.cwd(),
    log: silentLogger,
    clock: systemClock,
    place: (option) => option.join("."),
    get: (token) => container.get(token),
    ...overrides,
  };
}
