import fc from "fast-check";
import { expect, test } from "vitest";
import { type Call, invalidArgument, type Tensor, type Tensors, tensor } from "../../../../core/index.js";
import { assertSameTensors, copyTensors, fakeClock } from "../../../../core/testing/index.js";
import { inner, settle, wrap } from "./support.js";

/** Row by row: y is 3x + 1, z names the signature in each row, and a row with 13 in it makes the run fail. */
function model({ signature, inputs }: Call): Tensors {
  const x = inputs.x as Tensor & { data: Float32Array };
  if (x.data.includes(13)) throw invalidArgument("thirteen");
  const y = tensor(
    "float32",
    x.shape,
    x.data.map((value) => 3 * value + 1),
  );
  const rows = x.shape[0] ?? 0;
  const z = tensor(
    "string",
    [rows],
    Array.from({ length: rows }, () => Buffer.from(signature)),
  );
  return { y, z };
}

const request = fc.record({
  rows: fc.integer({ min: 0, max: 7 }),
  width: fc.constantFrom(0, 1, 1, 2),
  rank: fc.constantFrom(1, 2, 2),
  signature: fc.constantFrom("a", "b"),
  outputs: fc.constantFrom(undefined, ["y"], ["z", "y"]),
  fails: fc.boolean(),
  /** What happens after it has come: so many turns pass, so much time. */
  turns: fc.nat(2),
  time: fc.nat(3),
  /** Its caller goes so many requests later. */
  leaves: fc.option(fc.nat(3), { nil: undefined, freq: 4 }),
});

const rules = fc.record({
  maxBatchSize: fc.constantFrom(4, 8),
  timeout: fc.constantFrom("0s", "3ms"),
  maxEnqueuedBatches: fc.constantFrom(1, 3, 100),
  threads: fc.constantFrom(1, 3),
  sized: fc.boolean(),
  enableLargeBatchSplitting: fc.boolean(),
});

test("grouped or not, a request has the same answer, and one", { timeout: 60_000 }, async () => {
  const most = { together: 0 };
  await fc.assert(
    fc.asyncProperty(rules, fc.array(request, { maxLength: 25 }), async ({ sized, ...chosen }, requests) => {
      const clock = fakeClock();
      let under = 0;
      const { servable, state } = inner(async (call) => {
        const before = copyTensors(call.inputs);
        expect(++under).toBeLessThanOrEqual(chosen.threads);
        await settle();
        under--;
        most.together = Math.max(most.together, call.inputs.x?.shape[0] ?? 0);
        const all = model(call);
        assertSameTensors(call.inputs, before);
        return Object.fromEntries((call.outputs ?? ["y", "z"]).map((name) => [name, all[name]!]));
      });
      const max = chosen.enableLargeBatchSplitting ? chosen.maxBatchSize / 2 : chosen.maxBatchSize;
      const wrapped = await wrap(
        servable,
        {
          ...chosen,
          ...(sized && { allowedBatchSizes: [1, max] }),
          ...(chosen.enableLargeBatchSplitting && { maxExecutionBatchSize: max }),
        },
        clock,
      );
      const ends: number[] = requests.map(() => 0);
      const outcomes: Promise<void>[] = [];
      const controllers = requests.map(() => new AbortController());
      for (const [i, { rows, width, rank, signature, outputs, fails, turns, time }] of requests.entries()) {
        const shape = rank === 1 ? [rows] : [rows, width];
        const count = rank === 1 ? rows : rows * width;
        const bad = fails && i % 5 === 0;
        const data = Float32Array.from({ length: count }, (_, at) => (bad ? 13 : 100 * i + at + 14));
        const { signal } = controllers[i]!;
        const call = { signature, inputs: { x: tensor("float32", shape, data) }, signal, ...(outputs && { outputs }) };
        const run = wrapped.run(call).then(
          (got) => {
            const all = model(call);
            const wanted = (outputs ?? ["y", "z"]).map((name) => [name, all[name]!] as const);
            assertSameTensors(got, Object.fromEntries(wanted));
            ends[i]!++;
          },
          (error) => {
            ends[i]!++;
            const expected =
              (signal.aborted && error.code === "CANCELLED") ||
              (error.code === "UNAVAILABLE" && /queue/.test(error.message)) ||
              (error.code === "INVALID_ARGUMENT" &&
                (error.message === "thirteen" ? requests.some(({ fails }) => fails) : rows > chosen.maxBatchSize));
            if (!expected) throw error;
          },
        );
        outcomes.push(run);
        for (const [j, { leaves }] of requests.entries())
          if (leaves !== undefined && j + leaves === i) controllers[j]!.abort();
        for (let turn = 0; turn < turns; turn++) await settle();
        if (time > 0) clock.advance(time);
      }
      await wrapped[Symbol.asyncDispose]();
      await Promise.all(outcomes);
      expect(ends).toEqual(requests.map(() => 1));
      expect(state.disposed).toBe(1);
      expect(under).toBe(0);
    }),
    { numRuns: 300 },
  );
  // The test would say nothing of a batcher that never groups.
  expect(most.together).toBeGreaterThan(7);
});
