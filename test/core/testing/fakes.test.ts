import { duration, policy, token } from "salver";
import { checkFactory, fakeClock, fakeHost, recordingLogger } from "salver/testing";
import { expect, test } from "vitest";
import { z } from "zod";

test("a fake clock wakes sleepers in the order of their times, and only those that are due", async () => {
  const clock = fakeClock(100);
  const woken: number[] = [];
  for (const ms of [30, 10, 20, 40]) void clock.sleep(ms).then(() => woken.push(ms));
  await clock.asleep(4);
  clock.advance(30);
  await Promise.resolve();
  expect(woken).toEqual([10, 20, 30]);
  expect(clock.now()).toBe(130);
});

test("a sleep on a fake clock ends with its signal, before and under way", async () => {
  const clock = fakeClock();
  await expect(clock.sleep(1, AbortSignal.abort())).rejects.toMatchObject({ name: "AbortError" });
  const end = new AbortController();
  const sleep = clock.sleep(1, end.signal);
  end.abort();
  await expect(sleep).rejects.toMatchObject({ name: "AbortError" });
  let asleep = false;
  void clock.asleep().then(() => (asleep = true));
  await Promise.resolve();
  expect(asleep).toBe(false);
});

test("a recording logger keeps what its children say, with their fields", () => {
  const log = recordingLogger();
  log.info({ a: 1 }, "one");
  log.child({ model: "m" }).child({ version: "2" }).warn({ a: 2 }, "two");
  expect(log.lines).toEqual([
    { level: "info", fields: { a: 1 }, message: "one" },
    { level: "warn", fields: { model: "m", version: "2", a: 2 }, message: "two" },
  ]);
});

test("a fake host provides nothing by itself, and what it is given", () => {
  expect(() => fakeHost().get(token("Missing"))).toThrow("nothing provides Missing");
  expect(fakeHost({ id: "mine" }).id).toBe("mine");
});

const written = {
  type: "good",
  description: "Does nothing at all.",
  options: z.strictObject({ wait: duration().prefault("1s").describe("How long.") }),
  example: { wait: "2s" },
  create: () => ({ next: () => undefined }),
};

test("a complete factory passes", async () => {
  await checkFactory(policy(written));
});

const nested = z.strictObject({ inner: z.strictObject({ a: z.number() }).optional().describe("Inner things.") });
test.each<[string, Partial<typeof written> | object, RegExp]>([
  ["type is not plain", { type: "Good_One" }, /lower case/],
  ["description is no sentence", { description: "does nothing" }, /sentence/],
  ["option has no sentence", { options: z.strictObject({ wait: duration() }) }, /wait needs/],
  ["option inside an option has no sentence", { options: nested, example: {} }, /inner\.a needs/],
  ["options take unknown keys", { options: z.object({}), example: {} }, /strictObject/],
  ["example does not parse", { example: { wait: 3 } }, /does not parse/],
  ["component is none", { create: () => ({}) }, /has no next/],
])("a factory whose %s is refused", async (_, flaw, message) => {
  await expect(checkFactory(policy({ ...written, ...flaw } as typeof written))).rejects.toThrow(message);
});
