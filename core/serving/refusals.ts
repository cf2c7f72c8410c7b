import type { Refusals } from "../batch-record.js";
import type { CodeName } from "../errors.js";
import type { EventBus } from "../lifecycle/events.js";
import type { Telemetry } from "../telemetry.js";

const counted: ReadonlySet<CodeName> = new Set(["UNAVAILABLE", "DEADLINE_EXCEEDED", "RESOURCE_EXHAUSTED"]);

/** How many runs of what is loaded ended for want of room or time. Those that end otherwise cost nothing. */
export interface RefusalCount extends Pick<Telemetry, "runEnded"> {
  /** Of one version or of all. */
  of(model: string, version?: bigint): Refusals;
}

export function countRefusals(events: EventBus): RefusalCount {
  const models = new Map<string, Map<bigint, Map<CodeName, number>>>();
  events.subscribe(({ model, version, state }) => {
    if (state === "END") models.get(model)?.delete(version);
  });
  return {
    runEnded: ({ model, version, code }) => {
      if (!counted.has(code)) return;
      const versions = models.get(model) ?? new Map<bigint, Map<CodeName, number>>();
      const codes = versions.get(version) ?? new Map<CodeName, number>();
      models.set(model, versions.set(version, codes.set(code, (codes.get(code) ?? 0) + 1)));
    },
    of: (model, version) => {
      const sum: Partial<Record<CodeName, number>> = {};
      for (const [each, codes] of models.get(model) ?? []) {
        if (version !== undefined && each !== version) continue;
        for (const [code, count] of codes) sum[code] = (sum[code] ?? 0) + count;
      }
      return sum;
    },
  };
}
