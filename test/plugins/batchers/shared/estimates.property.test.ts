import fc from "fast-check";
import { expect, test } from "vitest";
import { type Tensors, tensor } from "../../../../core/index.js";
import { fakeClock } from "../../../../core/testing/index.js";
import { inner, outcome, settle, wrap } from "./support.js";

/** What a run takes, ms, by how many have been since the model's three first, which took `usual`. */
type Cost = { readonly usual: number; readonly later: (run: number) => number };

const arrivals = fc.array(
  fc.record({
    gap: fc.oneof({ weight: 9, arbitrary: fc.nat(30) }, fc.constant(1100)),
    patience: fc.integer({ min: 1, max: 150 }),
  }),
  { minLength: 10, maxLength: 50 },
);

type Arrivals = typeof arrivals extends fc.Arbitrary<infer A> ? A : never;

/** One request: what it would really have taken, and how it ended. */
type Seen = {
  readonly patience: number;
  readonly needed: number;
  /** Runs that had ended when it came, the three first aside. */
  readonly runs: number;
  /** Nothing was under way, and nothing had been for more than a second. */
  readonly probe: boolean;
  ended?: { readonly how: string; readonly after: number };
};

/** A model of one thread and of batches that take all that waits, so that what a request needs can be told. */
async function live(cost: Cost, asked: Arrivals): Promise<readonly Seen[]> {
  const clock = fakeClock();
  let [begun, ended, until] = [0, 0, 0];
  const costOf = (run: number) => (run < 3 ? cost.usual : cost.later(run - 3));
  const { servable } = inner(async ({ inputs }): Promise<Tensors> => {
    const time = costOf(begun++);
    until = clock.now() + time;
    await clock.sleep(time);
    ended++;
    return { y: inputs.x! };
  });
  const options = { threads: 1, maxBatchSize: 64, allowedBatchSizes: [64] };
  const wrapped = await wrap(servable, options, clock);
  const ask = (deadline?: number) => {
    const x = tensor("float32", [1], Float32Array.of(1));
    return outcome(
      wrapped.run({ signature: "serving_default", inputs: { x }, signal: new AbortController().signal, deadline }),
    );
  };
  const pass = async (time: number) => {
    for (let i = 0; i < time; i++) {
      clock.advance(1);
      for (let turn = 0; turn < 3; turn++) await settle();
    }
  };
  for (let i = 0; i < 3; i++) {
    const run = ask();
    await pass(cost.usual);
    await run;
  }
  const seen: Seen[] = [];
  for (const { gap, patience } of asked) {
    if (gap > 1000) {
      await pass(until - clock.now());
      for (let turn = 0; turn < 3; turn++) await settle();
      if (begun > ended) await pass(until - clock.now());
      clock.advance(gap);
    } else await pass(gap);
    const now = clock.now();
    const busy = begun > ended;
    const needed = (busy ? until - now : 0) + costOf(begun);
    const each: Seen = { patience, needed, runs: ended - 3, probe: !busy && now - until > 1000 };
    seen.push(each);
    void ask(now + patience).then((how) => {
      each.ended = { how, after: clock.now() - now };
    });
    for (let turn = 0; turn < 3; turn++) await settle();
  }
  await pass(2500);
  for (const each of seen) expect(each.ended).toBeDefined();
  return seen;
}

const refused = ({ ended }: Seen) => ended!.how.startsWith("DEADLINE_EXCEEDED");
const inTime = ({ ended, patience }: Seen) => ended!.how === "OK" && ended!.after <= patience;
const time = fc.integer({ min: 2, max: 100 });

const holds = (costs: fc.Arbitrary<Cost>, check: (each: Seen) => void) =>
  fc.assert(
    fc.asyncProperty(costs, arrivals, async (cost, asked) => (await live(cost, asked)).forEach(check)),
    { numRuns: 40 },
  );

const limit = { timeout: 60_000 };

test(
  "steady runs: who is refused could not have been answered, and who is not is answered in time",
  limit,
  async () => {
    const steady = time.map((usual) => ({ usual, later: () => usual }));
    await holds(steady, (each) => {
      if (refused(each)) expect(each.needed).toBeGreaterThan(each.patience);
      else if (!each.probe) expect(inTime(each)).toBe(true);
    });
  },
);

test("one slow run refuses nobody who could be answered", limit, async () => {
  const outlier = fc
    .tuple(time, fc.nat(5))
    .map(([usual, slow]) => ({ usual, later: (run: number) => (run === slow ? 20 * usual : usual) }));
  await holds(outlier, (each) => {
    if (refused(each)) expect(each.needed).toBeGreaterThan(each.patience);
  });
});

test("runs that have become slower are known after three of them", limit, async () => {
  const up = fc.tuple(time, time).map(([usual, more]) => ({ usual, later: () => usual + more }));
  await holds(up, (each) => {
    if (refused(each)) expect(each.needed).toBeGreaterThan(each.patience);
    else if (!each.probe && each.runs >= 3) expect(inTime(each)).toBe(true);
  });
});

test(
  "runs that have become quicker are known after one of them, and tried a second after the last",
  limit,
  async () => {
    const down = fc.tuple(time, time).map(([later, more]) => ({ usual: later + more, later: () => later }));
    await holds(down, (each) => {
      if (each.probe) expect(refused(each)).toBe(false);
      if (each.runs === 0) return;
      if (refused(each)) expect(each.needed).toBeGreaterThan(each.patience);
      else if (!each.probe) expect(inTime(each)).toBe(true);
    });
  },
);
