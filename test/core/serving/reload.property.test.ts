import fc from "fast-check";
import { type Config, createServer, type SourceFactory, tensor } from "salver";
import { expect, test } from "vitest";
import availability from "../../../plugins/policies/availability-preserving/index.js";
import { fakePlugin, until } from "../../support/core-fakes.js";

type Models = Config["models"];

const model = fc
  .record({ start: fc.uniqueArray(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 3 }), all: fc.boolean() })
  .map(({ start, all }) => ({
    source: { type: "scripted", start },
    servable: "fake",
    versions: all ? ("all" as const) : ("latest" as const),
  }));

/** `kept` is in each of them; some are mistaken in one model. */
const reload = fc.record({
  models: fc.record({ kept: model, a: model, b: model }, { requiredKeys: ["kept"] }),
  mistaken: fc.boolean(),
});

/** Counts the sources that are alive. */
function countedPlugin() {
  const fake = fakePlugin();
  let alive = 0;
  const [first, ...others] = fake.plugin.factories;
  const scripted = first as SourceFactory;
  const counted: SourceFactory = {
    ...scripted,
    create: async (host, options) => {
      const source = await scripted.create(host, options);
      alive++;
      return {
        watch: (signal) => source.watch(signal),
        [Symbol.asyncDispose]: async () => {
          alive--;
        },
      };
    },
  };
  return { plugin: { ...fake.plugin, factories: [counted, ...others] }, alive: () => alive };
}

test("whatever reloads come, and however close together: no request fails, the last one holds, no source is left", async () => {
  await fc.assert(
    fc.asyncProperty(
      model,
      fc.array(reload, { minLength: 1, maxLength: 8 }),
      fc.boolean(),
      async (first, reloads, inTurn) => {
        const { plugin, alive } = countedPlugin();
        const server = await createServer(
          { models: { kept: first }, transports: [], loading: { retries: 0, concurrency: 2 } },
          { plugins: [plugin, availability] },
        );
        await server.start();
        await server.settled;
        const failures: unknown[] = [];
        let going = true;
        const client = (async () => {
          const signal = new AbortController().signal;
          while (going) {
            try {
              using lease = server.frontend.lease({ name: "kept" });
              await new Promise((resolve) => setImmediate(resolve));
              await lease.predict("", { x: tensor("float32", [1], new Float32Array(1)) }, { signal });
            } catch (error) {
              failures.push(error);
            }
          }
        })();

        let last: Models = { kept: first };
        const results: Promise<unknown>[] = [];
        for (const { models, mistaken } of reloads) {
          const raw = mistaken ? { ...models, kept: { ...models.kept, polcy: 1 } } : models;
          const done = server.reload(raw as Models).then(
            () => "done",
            ({ code }) => code,
          );
          results.push(done.then((result) => expect(result).toBe(mistaken ? "INVALID_ARGUMENT" : "done")));
          if (!mistaken) last = models as Models;
          if (inTurn) await done;
        }
        await Promise.all(results);

        const names = Object.keys(last);
        expect(server.frontend.models()).toEqual(names);
        await until(() => {
          const loaded = server.versions().map(({ model, version, state }) => `${model} ${version} ${state}`);
          const wanted = names.flatMap((name) => {
            const { source, versions } = last[name] as unknown as {
              source: { start: readonly number[] };
              versions: string;
            };
            const chosen = versions === "all" ? source.start : [Math.max(...source.start)];
            return chosen.map((version) => `${name} ${version} AVAILABLE`);
          });
          return loaded.length === wanted.length && wanted.every((line) => loaded.includes(line));
        }, "what the last reload asked for");
        await until(() => alive() === names.length, "the sources that are left");
        going = false;
        await client;
        expect(failures).toEqual([]);
        await server.stop();
        expect(alive()).toBe(0);
      },
    ),
    { numRuns: 60 },
  );
});
