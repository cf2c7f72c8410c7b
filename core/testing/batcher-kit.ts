import assert from "node:assert/strict";
import type { Batcher } from "../batcher.js";
import type { Clock } from "../clock.js";
import { internal } from "../errors.js";
import { strings, type Tensors, tensor } from "../tensor.js";
import {
  type Asked,
  assertAnswered,
  assertRefused,
  type BatcherStage,
  batcherStage,
  openStage,
} from "./batcher-stage.js";
import { fakeClock } from "./fake-clock.js";
import type { TestRunner } from "./runner.js";
import { copyTensors } from "./tensor-assertions.js";

/** What a batcher may be unable to do by its nature. */
export type BatcherLimit = "unequalShapes";

export type BatcherHarness = {
  /** A fresh batcher for each test. It measures time by `clock` alone and has room for 32 runs of 4 rows at once. */
  open(clock: Clock): Batcher | Promise<Batcher>;
  /** Limits, with the reason; their laws are left out. */
  readonly exempt?: Readonly<Partial<Record<BatcherLimit, string>>>;
};

const wrongInputs: readonly Tensors[] = [
  { x: tensor("float32", [], Float32Array.of(1)), tag: strings(["scalar"]) },
  { x: tensor("float32", [2, 2], new Float32Array(4)), tag: strings(["rows", "that", "differ"]) },
  { x: tensor("float32", [1, 2], new Float32Array(2)), tag: strings(["a scalar tag"], []) },
];

/** Every row of what was answered has been run, and no row was in two runs that were answered. */
function assertRunOnce({ model }: BatcherStage, asked: readonly Asked[]) {
  const answered = model.runs.filter(({ state }) => state === "answered");
  for (const tag of asked.flatMap(({ tags }) => tags)) {
    const times = answered.filter(({ tags }) => tags.includes(tag)).length;
    assert.equal(times, 1, `the row ${tag} was in ${times} runs that were answered`);
  }
}

/** The laws every batcher keeps. */
export function describeBatcher(runner: TestRunner, name: string, harness: BatcherHarness): void {
  const { open, exempt = {} } = harness;
  const test = (law: string, body: (stage: BatcherStage) => Promise<void>) =>
    runner.test(law, async () => {
      const stage = await openStage(open);
      await body(stage);
      const { model, servable } = stage;
      if (model.disposals === 0) await stage.pass(servable[Symbol.asyncDispose](), "the disposal");
      await stage.rest();
      assert.deepEqual(model.faults, []);
      assert.equal(model.disposals, 1, "disposals of the inner servable");
    });

  runner.describe(`batcher ${name}`, () => {
    test("what it makes is the servable that it was given, to those who look", async ({ model, servable }) => {
      assert.deepEqual(servable.signatures, model.signatures);
      assert.equal(servable.engine, model.engine);
      const run = { feeds: {}, fetches: [], targets: [], signal: new AbortController().signal };
      assert.deepEqual(await servable.runSession?.(run), [strings(["session"])]);
    });

    test("one run at a time is answered as without it, also of no rows", async (stage) => {
      for (const rows of [1, 3, 0, 4]) {
        for (const signature of ["double", "triple"] as const) {
          const asked = stage.ask({ rows, signature });
          await stage.ended(asked);
          assertAnswered(asked);
        }
      }
    });

    test("many runs are answered as without it, each with its own rows, and each row is run once", async (stage) => {
      const asked: Asked[] = [];
      for (let i = 0; i < 96; i++) {
        asked.push(stage.ask({ rows: 1 + ((i * 7) % 4), signature: i % 5 === 0 ? "triple" : "double" }));
        if (i % 3 === 0) stage.clock.advance(i % 4);
        if (i % 24 === 23) await stage.ended(...asked);
      }
      for (const each of asked) assertAnswered(each);
      assertRunOnce(stage, asked);
    });

    test("answers stay as they are while others run, and inputs too", async (stage) => {
      const early = Array.from({ length: 8 }, () => stage.ask({ rows: 2 }));
      const inputs = early.map(({ call }) => copyTensors(call.inputs));
      await stage.ended(...early);
      await stage.ended(...Array.from({ length: 8 }, () => stage.ask({ rows: 2 })));
      for (const each of early) assertAnswered(each);
      assert.deepEqual(
        early.map(({ call }) => copyTensors(call.inputs)),
        inputs,
      );
    });

    test("a run gets the outputs it asked for and no others, whatever its companions want", async (stage) => {
      const wanted = [undefined, ["y"], ["echo"], ["y", "echo"], ["echo", "y"]];
      const asked = Array.from({ length: 20 }, (_, i) => {
        const outputs = wanted[i % wanted.length];
        return stage.ask({ rows: 1 + (i % 2), ...(outputs && { outputs }) });
      });
      await stage.ended(...asked);
      for (const each of asked) assertAnswered(each);
    });

    if (!exempt.unequalShapes) {
      test("runs of unequal shapes and ranks are answered, side by side", async (stage) => {
        const shapes = [[], [1], [2], [3], [2, 2], [4], [1, 4]];
        const asked = Array.from({ length: 21 }, (_, i) => stage.ask({ rows: 2, inner: shapes[i % shapes.length]! }));
        await stage.ended(...asked);
        for (const each of asked) assertAnswered(each);
      });
    }

    test("inputs that are no rows fail alone, and it goes on", async (stage) => {
      for (const inputs of wrongInputs) {
        const before = stage.ask();
        const wrong = stage.ask({ inputs });
        const after = stage.ask();
        await stage.ended(before, wrong, after);
        assertRefused(wrong, "INVALID_ARGUMENT");
        assertAnswered(before);
        assertAnswered(after);
      }
    });

    test("a deadline or a low priority is nobody's but its own run's", async (stage) => {
      const asked = Array.from({ length: 24 }, (_, i) => {
        const deadline = i % 3 === 0 ? { deadline: stage.clock.now() + (i % 5) } : {};
        return stage.ask({ ...deadline, priority: i % 4 === 0 ? "low" : "normal" });
      });
      await stage.ended(...asked);
      for (const each of asked) {
        if (each.call.deadline === undefined || (each.outcome && "outputs" in each.outcome)) assertAnswered(each);
        else assertRefused(each);
      }
    });

    test("a run that fails fails those that were in it, and nobody else", async (stage) => {
      const asked = Array.from({ length: 20 }, (_, i) => stage.ask({ poison: i % 6 === 5 }));
      await stage.ended(...asked);
      const failed = stage.model.runs.filter(({ state }) => state === "failed");
      for (const each of asked) {
        const own = failed.find(({ tags }) => each.tags.some((tag) => tags.includes(tag)));
        if (each.outcome && "outputs" in each.outcome) assertAnswered(each);
        else assert.ok(own, `the run of [${each.tags}] failed, and no run that it was in did`);
        if (each.tags.some((tag) => tag.startsWith("poison"))) assertRefused(each, "INVALID_ARGUMENT");
      }
      const after = stage.ask();
      await stage.ended(after);
      assertAnswered(after);
    });

    test("whatever the inner servable throws, its callers hear of it, and it goes on", async (stage) => {
      for (const error of [internal("broke"), new TypeError("not a function"), undefined]) {
        stage.model.breakNext(error);
        const unlucky = stage.ask();
        await stage.ended(unlucky);
        assert.ok(unlucky.outcome && "error" in unlucky.outcome, "a run that threw was answered");
        const after = stage.ask();
        await stage.ended(after);
        assertAnswered(after);
      }
    });

    test("who is gone before it came is refused and never run", async (stage) => {
      const { x } = stage.ask().call.inputs;
      const call = { signature: "double", inputs: { x: x!, tag: strings(["gone"]) }, signal: AbortSignal.abort() };
      await assert.rejects(stage.pass(Promise.resolve(stage.servable.run(call)), "a run whose caller had gone"));
      await stage.rest();
      assert.ok(!stage.model.runs.some(({ tags }) => tags.includes("gone")), "it was run all the same");
    });

    for (const [who, leaves] of [
      ["when some go", (i: number) => i % 2 === 0],
      ["when all go", () => true],
    ] as const) {
      test(`${who} while they wait, they end at once and are not run; whoever else comes is answered`, async (stage) => {
        stage.model.hold();
        const asked = Array.from({ length: 24 }, (_, i) => stage.ask({ rows: 1 + (i % 3) }));
        await stage.rest();
        const leaving = asked.filter((each) => !stage.began(each)).filter((_, i) => leaves(i));
        for (const each of leaving) each.cancel();
        await stage.rest();
        for (const each of leaving) assertRefused(each);
        stage.model.release();
        const staying = [...asked.filter((each) => !leaving.includes(each)), stage.ask()];
        await stage.ended(...staying);
        for (const each of staying) assertAnswered(each);
        for (const each of leaving) assert.ok(!stage.began(each), `the run of [${each.tags}] began after it was left`);
      });
    }

    test("who goes mid-run is freed at once, and its companions are answered", async (stage) => {
      stage.model.hold();
      const asked = Array.from({ length: 12 }, () => stage.ask());
      await stage.rest();
      const leaving = asked.filter((each, i) => stage.began(each) && i % 3 === 0);
      for (const each of leaving) each.cancel();
      await stage.rest();
      for (const each of leaving) assertRefused(each);
      stage.model.release();
      await stage.ended(...asked);
      for (const each of asked) if (!leaving.includes(each)) assertAnswered(each);
    });

    test("a run that all callers have left is told so", async (stage) => {
      stage.model.hold();
      const asked = Array.from({ length: 6 }, () => stage.ask());
      await stage.rest();
      const under = stage.model.runs.filter(({ state }) => state === "running");
      assert.ok(under.length > 0, "nothing has begun");
      for (const each of asked) each.cancel();
      await stage.rest();
      for (const run of under) assert.ok(run.signal.aborted, `the run of [${run.tags}] goes on for nobody`);
      stage.model.release();
    });

    test("told to hurry it waits for nothing any more, and passes that on", async (stage) => {
      const before = Array.from({ length: 5 }, () => stage.ask());
      stage.servable.hurry?.();
      const after = Array.from({ length: 5 }, () => stage.ask());
      await stage.turns();
      for (const each of [...before, ...after]) assertAnswered(each);
      assert.equal(stage.model.hurries, 1, "calls of the inner servable's hurry");
    });

    test("disposal finishes what has come, then disposes the inner servable, once", async (stage) => {
      const { model, servable } = stage;
      // A batcher may leave a servable as it is; when that is disposed is up to others.
      if (servable === model) return;
      model.hold();
      const asked = Array.from({ length: 24 }, (_, i) => stage.ask({ rows: 1 + (i % 4) }));
      await stage.rest();
      const disposal = servable[Symbol.asyncDispose]();
      await stage.rest();
      assert.equal(model.disposals, 0, "it was disposed before its runs had ended");
      model.release();
      await stage.pass(disposal, "the disposal");
      assert.equal(model.disposals, 1);
      await stage.ended(...asked);
      for (const each of asked) assertAnswered(each);
      assertRunOnce(stage, asked);
    });

    runner.test("versions are apart: none runs another's rows, and none goes with another", async () => {
      const clock = fakeClock();
      const batcher = await open(clock);
      const [old, next] = [await batcherStage(batcher, clock, 1n), await batcherStage(batcher, clock, 2n)];
      const asked = Array.from({ length: 24 }, (_, i) => (i % 2 === 0 ? old : next).ask());
      await old.ended(...asked);
      for (const each of asked) assertAnswered(each);
      for (const [i, each] of asked.entries()) {
        assert.ok((i % 2 === 0 ? old : next).began(each), `the run of [${each.tags}] went to another version`);
      }
      await old.pass(old.servable[Symbol.asyncDispose](), "the disposal");
      const after = Array.from({ length: 8 }, () => next.ask());
      await next.ended(...after);
      for (const each of after) assertAnswered(each);
      assert.deepEqual([old.model.disposals, next.model.disposals], [1, 0]);
      await next.pass(next.servable[Symbol.asyncDispose](), "the disposal");
      assert.deepEqual([...old.model.faults, ...next.model.faults], []);
    });
  });
}
