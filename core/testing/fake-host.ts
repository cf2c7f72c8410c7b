import { systemClock } from "../clock.js";
import { createContainer } from "../container.js";
import type { Host } from "../host.js";
import { silentLogger } from "../logger.js";

/**
 * A host for a component under test: named `test`, silent, on the real clock, with the current folder as its base and
 * a container of its own in which nothing is provided. `overrides` replace any of this.
 */
export function fakeHost(overrides: Partial<Host> = {}): Host {
  const container = createContainer();
  return {
    id: "test",
    baseDir: process.cwd(),
    log: silentLogger,
    clock: systemClock,
    get: (token) => container.get(token),
    ...overrides,
  };
}
