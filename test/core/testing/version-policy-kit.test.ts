import type { Snapshot, VersionPolicy } from "salver";
import { describeVersionPolicy, simulatePolicy } from "salver/testing";
import { expect, test } from "vitest";
import { broken, runKit } from "./collect.js";

const fresh = (versions: readonly Snapshot[]) => versions.filter((each) => each.aspired && each.phase === "new");
const leftover = (versions: readonly Snapshot[]) => versions.filter((each) => !each.aspired && each.phase === "ready");

const eager: VersionPolicy = {
  next: (versions) => {
    const sorted = [...versions].sort((a, b) => Number(a.version - b.version));
    const [load] = fresh(sorted);
    if (load) return { kind: "load", version: load.version };
    const [unload] = leftover(sorted);
    return unload && { kind: "unload", version: unload.version };
  },
};

test("a lawful policy breaks nothing", async () => {
  expect(broken(await runKit((runner) => describeVersionPolicy(runner, "eager", () => eager)))).toEqual([]);
});

let turns = 0;
test.each<[string, VersionPolicy, RegExp]>([
  [
    "depends on the order",
    { next: (v) => fresh(v).map((each) => ({ kind: "load" as const, version: each.version }))[0] },
    /idempotent/,
  ],
  ["remembers", { next: (v) => (turns++ % 2 ? eager.next(v) : undefined) }, /idempotent/],
  ["never unloads", { next: (v) => (fresh(v).length > 0 ? eager.next(v) : undefined) }, /comes to rest/],
  ["never loads", { next: (v) => (fresh(v).length > 0 ? undefined : eager.next(v)) }, /comes to rest/],
  [
    "loads what failed",
    {
      next: (v) => {
        const failed = v.find((each) => each.aspired && each.phase === "error");
        return failed ? { kind: "load", version: failed.version } : eager.next(v);
      },
    },
    /loads only aspired new/,
  ],
  [
    "unloads what is aspired",
    {
      next: (v) => {
        const ready = v.find((each) => each.phase === "ready");
        return ready ? { kind: "unload", version: ready.version } : eager.next(v);
      },
    },
    /unloads only ready ones/,
  ],
])("a policy that %s is found out", async (_, policy, law) => {
  const laws = broken(await runKit((runner) => describeVersionPolicy(runner, "broken", () => policy)));
  expect(laws.join("\n")).toMatch(law);
});

test("a simulation that does not end says what went on", () => {
  const restless: VersionPolicy = { next: () => ({ kind: "load", version: 1n }) };
  const start: readonly Snapshot[] = [{ version: 1n, aspired: true, phase: "new" }];
  expect(() => simulatePolicy(restless, start, () => true)).toThrow("does not come to rest: load 1, load 1");
});
