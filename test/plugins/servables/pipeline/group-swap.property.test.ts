import fc from "fast-check";
import { createServer, tensor } from "salver";
import { expect, test } from "vitest";
import availability from "../../../../plugins/policies/availability-preserving/index.js";
import pipeline from "../../../../plugins/servables/pipeline/index.js";
import { fakePlugin, until } from "../../../support/core-fakes.js";
import { type Step, stepsPlugin } from "./stage.js";

const number = { dtype: "int64", shape: [] } as const;
const names = ["a", "b", "c"] as const;

/** Answers with its version, and hands on what it is given; slow, so that swaps come in between. */
function versioned(type: string, loads: () => Promise<void>, pause: () => Promise<void>): Step {
  return {
    type,
    signatures: { 0: { inputs: { x: { ...number, optional: true } }, outputs: { v: number } } },
    load: loads,
    run: async (_inputs, version) => {
      await pause();
      return { v: tensor("int64", [], BigInt64Array.of(version)) };
    },
  };
}

type Change =
  | { readonly kind: "publish"; readonly models: readonly number[]; readonly versions: readonly number[] }
  | { readonly kind: "break"; readonly model: number; readonly times: number }
  | { readonly kind: "reload"; readonly count: number; readonly constant: number }
  | { readonly kind: "wait"; readonly turns: number };

const model = fc.nat({ max: names.length - 1 });
const versions = fc.uniqueArray(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 3 });
const change: fc.Arbitrary<Change> = fc.oneof(
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("publish"), models: fc.tuple(model), versions }) },
  { weight: 6, arbitrary: fc.record({ kind: fc.constant("publish"), models: fc.constant([0, 1, 2]), versions }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("break"), model, times: fc.integer({ min: 1, max: 3 }) }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant("reload"),
      count: fc.integer({ min: 1, max: 2 }),
      constant: fc.nat({ max: 3 }),
    }),
  },
  { weight: 6, arbitrary: fc.record({ kind: fc.constant("wait"), turns: fc.nat({ max: 12 }) }) },
);

const turns = async (count: number) => {
  for (let i = 0; i < count; i++) await new Promise((resolve) => setImmediate(resolve));
};

/** Three models of a group, a pipeline over them, and one over that. */
function configOf(count: number, constant: number) {
  const grouped = Object.fromEntries(
    names.map((name) => [
      name,
      { source: { type: "scripted", start: [1] }, servable: name, group: "g", versions: { latest: count } },
    ]),
  );
  const steps = {
    a: { model: "a", inputs: { x: "request.x" } },
    b: { model: "b", inputs: { x: "a.v" } },
    c: { model: "c", inputs: { x: { constant } } },
  };
  const outputs = { a: "a.v", b: "b.v", c: "c.v" };
  const inner = { a: "in.a", b: "in.b", c: "in.c", first: "first.v", late: "late.v" };
  return {
    ...grouped,
    p: { servable: { type: "pipeline", steps, outputs } },
    outer: {
      servable: {
        type: "pipeline",
        steps: {
          first: { model: "b" },
          in: { model: "p", inputs: { x: "first.v" } },
          late: { model: "c", inputs: { x: "in.a" } },
        },
        outputs: inner,
      },
    },
  };
}

test("whatever comes and goes under load: no answer mixes versions of a group, no request fails, the table shows no mixture", async () => {
  let swaps = 0;
  let answers = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.array(change, { maxLength: 25, size: "max" }),
      fc.infiniteStream(fc.nat({ max: 3 })),
      async (changes, delays) => {
        const broken = new Map<string, number>();
        const pause = () => turns(delays.next().value ?? 0);
        const steps = names.map((name) =>
          versioned(
            name,
            async () => {
              await pause();
              const left = broken.get(name) ?? 0;
              broken.set(name, left - 1);
              if (left > 0) throw new Error("not today");
            },
            pause,
          ),
        );
        const fake = fakePlugin();
        const server = await createServer(
          { models: configOf(1, 0), transports: [], loading: { retries: 1, retryInterval: "0s", concurrency: 2 } },
          { plugins: [fake.plugin, availability, pipeline, stepsPlugin(...steps)] },
        );
        await server.start();
        await server.settled;

        const faults: string[] = [];
        const tables = new Set<string>();
        const shown = () => {
          const reached = names.map((name) => {
            const states = server.frontend.status({ name }).filter(({ state }) => state === "AVAILABLE");
            return states.map(({ version }) => version).join();
          });
          if (new Set(reached).size > 1) faults.push(`the table shows ${reached.join(" | ")}`);
          tables.add(reached[0] ?? "");
        };
        const latest = () =>
          names.map((name) => {
            using lease = server.frontend.lease({ name });
            return lease.version;
          });
        let going = true;
        const client = async (name: string) => {
          while (going) {
            try {
              using lease = server.frontend.lease({ name });
              await pause();
              const answer = await lease.predict("", {}, { signal: new AbortController().signal });
              const said = new Set(Object.values(answer).map(({ data }) => data[0]));
              if (said.size !== 1) faults.push(`${name} answered with ${[...said].join(" and ")}`);
              answers++;
            } catch (error) {
              faults.push(`${name}: ${error}`);
            }
            await turns(1);
          }
        };
        const clients = ["p", "outer", "p", "outer"].map(client);
        const reloads: Promise<void>[] = [];
        for (const each of changes) {
          if (each.kind === "publish") {
            for (const one of each.models)
              fake.sources.get(names[one] as string)?.publish(...each.versions.map(BigInt));
          } else if (each.kind === "break") {
            broken.set(names[each.model] as string, each.times);
          } else if (each.kind === "reload") {
            reloads.push(server.reload(configOf(each.count, each.constant) as never));
          } else {
            await turns(each.turns);
          }
          shown();
          if (new Set(latest()).size > 1) faults.push(`the latest are ${latest().join(" | ")}`);
        }
        await Promise.all(reloads);
        broken.clear();
        for (const name of names) fake.sources.get(name)?.publish(9n);
        await until(() => latest().every((version) => version === 9n), "the last version of the group");
        going = false;
        await Promise.all(clients);
        shown();
        swaps += tables.size;
        expect(faults).toEqual([]);
        await server.stop();
      },
    ),
    { numRuns: 60 },
  );
  // The test is worth nothing where little happened in it.
  expect(swaps).toBeGreaterThan(60 * 2);
  expect(answers).toBeGreaterThan(60 * 10);
}, 120_000);
