import { describe, expect, it } from "vitest";
import { ServingError, type Tensors, tensor } from "../../../../core/index.js";
import { heldInFlight } from "../../../../plugins/runtimes/native/index.js";
import { fixture, floatsOf, never, noTensorflow, open, quickstart, signatureOf, withTensorflow } from "./support.js";

const scalar = (value: number) => tensor("float32", [], Float32Array.of(value));
const steps = (count: number) => tensor("int64", [], BigInt64Array.of(BigInt(count)));
/** Some tenths of a second of matrix multiplications. */
const LONG = 400;

const settled = (promise: Promise<unknown>) => {
  let done = false;
  const mark = () => {
    done = true;
  };
  promise.then(mark, mark);
  return () => done;
};

describe.skipIf(noTensorflow)(withTensorflow("sessions"), () => {
  it("serves concurrent runs of several sizes without mixing them up", async () => {
    await using session = await open(quickstart("half_plus_two/1"));
    const { run } = signatureOf(session);
    const answers = await Promise.all(
      Array.from({ length: 200 }, async (_, i) => {
        const x = Float32Array.from({ length: i % 17 }, (__, j) => i * 100 + j);
        const { y } = await run({ x: tensor("float32", [x.length, 1], x) });
        return floatsOf(y).every((value, j) => value === (x[j] as number) / 2 + 2);
      }),
    );
    expect(answers.every(Boolean)).toBe(true);
  });

  it("keeps the loop turning while a model loads and while it runs", async () => {
    const loading = open(fixture("savedmodels/dense"));
    const loaded = settled(loading);
    let turns = 0;
    while (!loaded()) {
      await new Promise(setImmediate);
      turns++;
    }
    await (await loading)[Symbol.asyncDispose]();
    expect(turns).toBeGreaterThan(10);

    await using session = await open(fixture("savedmodels/slow"));
    const running = signatureOf(session).run({ x: scalar(1), steps: steps(LONG) });
    const ran = settled(running);
    turns = 0;
    while (!ran()) {
      await new Promise(setImmediate);
      turns++;
    }
    expect((await running).y?.data).toEqual(Float32Array.of(1));
    expect(turns).toBeGreaterThan(10);
  });

  it("releases the caller at once when its signal aborts; the run ends behind it", async () => {
    await using session = await open(fixture("savedmodels/slow"));
    const { run } = signatureOf(session);
    const whole = settled(run({ x: scalar(1), steps: steps(LONG) }));
    const controller = new AbortController();
    const aborted = run({ x: scalar(1), steps: steps(LONG) }, controller.signal);
    setImmediate(() => controller.abort());
    await expect(aborted).rejects.toMatchObject({ code: "CANCELLED" });
    expect(whole(), "a run of the same length is still under way").toBe(false);
    expect(heldInFlight()).toBeGreaterThan(0);
  });

  it.each([
    ["nothing in particular", "CANCELLED", undefined],
    ["a timeout", "DEADLINE_EXCEEDED", new DOMException("late", "TimeoutError")],
    ["a ServingError", "UNAVAILABLE", new ServingError("UNAVAILABLE", "going down")],
  ])("an abort for %s becomes %s", async (_, code, reason) => {
    await using session = await open(quickstart("half_plus_two/1"));
    const { run } = signatureOf(session);
    const x = tensor("float32", [1, 1], Float32Array.of(1));
    await expect(run({ x }, AbortSignal.abort(reason))).rejects.toMatchObject({ code });
    const controller = new AbortController();
    const started = run({ x }, controller.signal);
    controller.abort(reason);
    await expect(started).rejects.toMatchObject({ code });
  });

  it("an aborted run that still waits for a thread never starts", async () => {
    await using session = await open(fixture("savedmodels/slow"));
    const { run } = signatureOf(session);
    const controllers = Array.from({ length: 50 }, () => new AbortController());
    const before = Array.from({ length: 8 }, () => run({ x: scalar(1), steps: steps(20) }));
    const late = controllers.map(({ signal }) => run({ x: scalar(1), steps: steps(10 * LONG) }, signal));
    for (const controller of controllers) controller.abort();
    const results = await Promise.allSettled(late);
    expect(results.every(({ status }) => status === "rejected")).toBe(true);
    // Would the fifty run after all, disposal below would wait for them far beyond the test's time.
    await Promise.all(before);
  });

  it("disposal waits for the runs under way, and later runs are refused", async () => {
    const session = await open(fixture("savedmodels/slow"));
    const { run } = signatureOf(session);
    const order: string[] = [];
    const runs = Array.from({ length: 6 }, async (_, i) => {
      const { y } = await run({ x: scalar(i), steps: steps(50) });
      order.push("run");
      return floatsOf(y)[0];
    });
    const disposals = [session[Symbol.asyncDispose](), session[Symbol.asyncDispose]()].map((disposal) =>
      Promise.resolve(disposal).then(() => order.push("disposed")),
    );
    await expect(run({ x: scalar(1), steps: steps(1) })).rejects.toMatchObject({ code: "UNAVAILABLE" });
    expect(await Promise.all(runs)).toEqual([0, 1, 2, 3, 4, 5]);
    await Promise.all(disposals);
    expect(order).toEqual([...Array(6).fill("run"), "disposed", "disposed"]);
  });

  it("disposal waits for a run whose caller has gone", async () => {
    const session = await open(fixture("savedmodels/slow"));
    const controller = new AbortController();
    const gone = signatureOf(session).run({ x: scalar(1), steps: steps(50) }, controller.signal);
    setImmediate(() => controller.abort());
    await expect(gone).rejects.toMatchObject({ code: "CANCELLED" });
    await session[Symbol.asyncDispose]();
    expect(heldInFlight()).toBe(0);
  });

  it("takes thread and GPU options", async () => {
    const options = { intraOpThreads: 1, interOpThreads: 2, gpuMemoryFraction: 0.25, gpuAllowGrowth: true };
    await using session = await open(quickstart("half_plus_two/1"), options);
    const { y } = await signatureOf(session).run({ x: tensor("float32", [1, 1], Float32Array.of(2)) });
    expect(floatsOf(y)).toEqual([3]);
  });

  it("keeps a graph's state from run to run, one session apart from another", async () => {
    await using one = await open(quickstart("half_plus_two/1"));
    await using two = await open(quickstart("half_plus_two/2"));
    const x: Tensors = { x: tensor("float32", [1, 1], Float32Array.of(10)) };
    const [a, b] = await Promise.all([signatureOf(one).run(x), signatureOf(two).run(x)]);
    expect(a.y?.data).toEqual(b.y?.data);
    await one.run({}, ["nope"], never).catch(() => {});
    expect((await signatureOf(two).run(x)).y?.data).toEqual(Float32Array.of(7));
  });
});
