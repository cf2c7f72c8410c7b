import { setImmediate as turn } from "node:timers/promises";
import { expect, test } from "vitest";
import { systemClock } from "../../../core/clock.js";
import { createRegistry, type Servable } from "../../../core/index.js";
import { createHolds } from "../../../core/lifecycle/holds.js";
import type { Route, RoutingTable } from "../../../core/lifecycle/routing-table.js";
import { fakeHost } from "../../../core/testing/index.js";
import { createAttachedVersions } from "../../../core/threads/attached-versions.js";
import type { RoutesOf, SharedVersion } from "../../../core/threads/calls.js";
import { createSeenTables } from "../../../core/threads/seen-tables.js";

const signatures = { serving_default: { inputs: {}, outputs: {} } };
let ids = 0;
const shared = (model: string, version: bigint, more: Partial<SharedVersion> = {}): SharedVersion => ({
  id: ids++,
  model,
  version,
  path: "/",
  type: "any",
  handle: undefined,
  signatures,
  engine: undefined,
  sessions: false,
  ...more,
});
const routes = (version: bigint, more: Partial<RoutesOf> = {}): RoutesOf => ({
  versions: [version],
  latest: version,
  labels: new Map(),
  linked: new Map(),
  ...more,
});

function thread() {
  const registry = createRegistry([]);
  const channel = { call: () => Promise.reject(new Error("nobody")), tell: () => {}, close: () => {} };
  return createAttachedVersions({ registry, hostFor: () => fakeHost(), clock: systemClock, channel });
}
const shown = (table: RoutingTable) =>
  [...table].map(([model, { versions, latest }]) => `${model} ${[...versions.keys()]} ${latest?.version}`).join("; ");

test("what a thread has and nobody may reach is not in its table; a group's versions come and go in one replacement", async () => {
  const versions = thread();
  const all = ["a", "b"].flatMap((model) => [shared(model, 1n), shared(model, 2n)]);
  for (const version of all) await versions.attach(version);
  expect(shown(versions.table)).toBe("");
  versions.routes(
    new Map([
      ["a", routes(1n)],
      ["b", routes(1n)],
    ]),
  );
  const before = versions.table;
  expect(shown(before)).toBe("a 1 1; b 1 1");
  versions.routes(
    new Map([
      ["a", routes(2n)],
      ["b", routes(2n)],
    ]),
  );
  // A request that has begun goes on with the table that it has.
  expect(shown(before)).toBe("a 1 1; b 1 1");
  expect(shown(versions.table)).toBe("a 2 2; b 2 2");
  for (const { id, version } of all) if (version === 1n) await versions.detach(id);
  expect(shown(versions.table)).toBe("a 2 2; b 2 2");
  versions.routes(new Map([["a", undefined]]));
  expect(shown(versions.table)).toBe("b 2 2");
});

test("a model that calls others has its signatures when it can be reached, and keeps them", async () => {
  const versions = thread();
  await versions.attach(shared("p", 1n, { signatures: {} }));
  versions.routes(new Map([["p", routes(1n, { linked: new Map([[1n, signatures]]) })]]));
  const reached = versions.table.get("p")?.latest?.servable.signatures;
  expect(Object.keys(reached ?? {})).toEqual(["serving_default"]);
  versions.routes(new Map([["p", routes(1n, { linked: new Map([[1n, { ...signatures }]]) })]]));
  expect(versions.table.get("p")?.latest?.servable.signatures).toBe(reached);
});

test("versions that a thread may still send requests for stay until it has heard of others", async () => {
  const seen = createSeenTables();
  const one = { number: 1, channel: {} as never };
  const holds = createHolds();
  const kept = createHolds();
  const route = (version: bigint, { hold }: typeof holds): Route => ({
    version,
    servable: { signatures } as Partial<Servable> as Servable,
    wrapped: false,
    hold,
  });
  const model = (each: Route) => ({ versions: new Map([[each.version, each]]), latest: each, labels: new Map() });
  const b = model(route(1n, kept));
  const first: RoutingTable = new Map([
    ["a", model(route(1n, holds))],
    ["b", b],
  ]);
  const second: RoutingTable = new Map([["b", b]]);

  seen.tell(one, first, Promise.resolve());
  await turn();
  expect(seen.of(one)).toBe(first);
  expect(holds.count).toBe(0);

  let heard = () => {};
  const gate = new Promise<void>((resolve) => {
    heard = resolve;
  });
  seen.tell(one, second, gate);
  await turn();
  expect(seen.of(one)).toBe(first);
  expect([holds.count, kept.count]).toEqual([1, 0]);
  heard();
  await turn();
  expect(seen.of(one)).toBe(second);
  expect(holds.count).toBe(0);

  // A thread that ends has heard enough.
  seen.tell(one, new Map(), Promise.reject(new Error("gone")));
  expect(kept.count).toBe(1);
  await turn();
  expect(kept.count).toBe(0);
});
