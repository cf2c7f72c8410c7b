import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ask, type Control, newControl, type Started, sight, startThreads, until } from "./support.js";

const THREADS = 3;
/** One that runs in each thread, and one whose runs come to the main thread by message. */
const models = ["guarded", "alone"];

let control: Control;
let started: Started;
beforeAll(async () => {
  control = newControl();
  const told = (servable: string) => ({ source: "told", servable, versions: "all" as const });
  for (const model of models) sight(control, model, 1n);
  started = await startThreads({ models: { guarded: told("guarded"), alone: told("alone") } }, THREADS);
});
afterAll(() => started.server.stop());

const versions = fc.uniqueArray(fc.integer({ min: 2, max: 6 }), { minLength: 0, maxLength: 3 });
const pauses = fc.integer({ min: 0, max: 12 });

test.each(models)(
  "%s: whatever comes and goes under load: no run of a version that is gone, in any thread, and no request that fails",
  async (model) => {
    const url = `${started.rest}/v1/models/${model}`;
    const version = async (path: string) => {
      const { status, body } = await ask(`${url}${path}:predict`, { inputs: { x: [1] } });
      return { status, version: (body.outputs as { version?: readonly number[] } | undefined)?.version?.[0] };
    };

    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(versions, pauses), { minLength: 1, maxLength: 8 }), async (steps) => {
        let over = false;
        const wrong: unknown[] = [];
        // Version 1 is always there, so the model's latest always is.
        const load = Array.from({ length: 6 }, async (_, i) => {
          while (!over) {
            const asked = i % 3 === 0 ? 2 + Math.floor(Math.random() * 5) : undefined;
            const answer = await version(asked === undefined ? "" : `/versions/${asked}`);
            const right =
              asked === undefined ? answer.status === 200 : answer.status === 404 || answer.version === asked;
            if (!right) wrong.push([asked, answer]);
          }
        });
        for (const [wanted, pause] of steps) {
          sight(control, model, 1n, ...wanted.map(BigInt));
          await new Promise((resolve) => setTimeout(resolve, pause));
        }
        const last = [1, ...(steps.at(-1)?.[0] ?? [])].sort();
        const loaded = () =>
          started.server
            .versions()
            .filter((each) => each.model === model)
            .map((each) => `${each.version} ${each.state}`);
        const expected = last.map((each) => `${each} AVAILABLE`).join();
        await until(() => loaded().sort().join() === expected, `${expected}, have ${loaded()}`);
        over = true;
        await Promise.all(load);

        // Every thread comes to say the same, and answers what it says.
        const available = async () => {
          const { body } = await ask(url);
          const told = (body.model_version_status as { version: string; state: string }[]) ?? [];
          return told
            .flatMap(({ version, state }) => (state === "AVAILABLE" ? [version] : []))
            .sort()
            .join();
        };
        for (let i = 0; i < THREADS; i++) {
          await until(async () => (await available()) === last.join(), `status ${last}`);
          expect((await version("")).version).toBe(last.at(-1));
        }
        expect(wrong).toEqual([]);
        expect([...control.violations].some((count) => count > 0)).toBe(false);
      }),
      { numRuns: 12 },
    );
  },
);
