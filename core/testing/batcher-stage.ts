import assert from "node:assert/strict";
import { setImmediate as nextTurn } from "node:timers/promises";
import type { Batcher } from "../batcher.js";
import type { Clock } from "../clock.js";
import { isServingError } from "../errors.js";
import type { Call, Priority, Servable } from "../servable.js";
import { elementCount, strings, type Tensors, tensor } from "../tensor.js";
import { type FakeClock, fakeClock } from "./fake-clock.js";
import { POISON, type RowModel, rowAnswers, rowModel } from "./row-model.js";
import { assertSameTensors } from "./tensor-assertions.js";

/** What is asked for: `rows` rows, of a shape of `inner`, all of them told apart from those of any other run. */
export type Question = {
  readonly rows?: number;
  readonly inner?: readonly number[];
  readonly signature?: "double" | "triple";
  readonly outputs?: readonly string[];
  readonly priority?: Priority;
  /** By the stage's clock. */
  readonly deadline?: number;
  /** Makes every run that one of its rows is in fail. */
  readonly poison?: boolean;
  /** Inputs in place of all this. */
  readonly inputs?: Tensors;
};

export type Outcome = { readonly outputs: Tensors } | { readonly error: unknown };

export type Asked = {
  readonly call: Call;
  readonly tags: readonly string[];
  /** Once it has ended. */
  readonly outcome: Outcome | undefined;
  cancel(): void;
};

/** A row model behind a batcher on a clock that stands still. */
export interface BatcherStage {
  readonly clock: FakeClock;
  readonly model: RowModel;
  /** What the batcher made of the model. */
  readonly servable: Servable;
  ask(question?: Question): Asked;
  /** Lets turns and time pass until all of them have ended. @throws AssertionError when one does not */
  ended(...asked: readonly Asked[]): Promise<void>;
  /** Lets turns pass, and no time. */
  turns(): Promise<void>;
  /** Lets turns and a little time pass: what can begin has begun. */
  rest(): Promise<void>;
  /** Lets turns and time pass until `work` is done, and gives what it gives. */
  pass<T>(work: PromiseLike<T>, what: string): Promise<T>;
  /** Whether a row of it is in a run of the model. */
  began(asked: Asked): boolean;
}

const HOUR = 3_600_000;
let questions = 0;

export async function batcherStage(batcher: Batcher, clock: FakeClock, version = 1n): Promise<BatcherStage> {
  const model = rowModel();
  const servable = await batcher.wrap(model, { model: "rows", version, path: "/nowhere" });

  async function until(done: () => boolean, what: () => string): Promise<void> {
    for (let round = 0; round < 300; round++) {
      for (let turn = 0; turn < 5; turn++) {
        await nextTurn();
        if (done()) return;
      }
      clock.advance(Math.min(2 ** (round / 8), HOUR));
    }
    assert.fail(`${what()} after ${Math.round(clock.now() / HOUR)} hours`);
  }

  return {
    clock,
    model,
    servable,
    ask: (question = {}) => askOf(servable, question),
    ended: (...asked) =>
      until(
        () => asked.every(({ outcome }) => outcome),
        () => `runs of [${asked.filter(({ outcome }) => !outcome).flatMap(({ tags }) => tags)}] have not ended`,
      ),
    turns: async () => {
      for (let turn = 0; turn < 100; turn++) await nextTurn();
    },
    rest: async () => {
      for (let round = 0; round < 20; round++) {
        for (let turn = 0; turn < 3; turn++) await nextTurn();
        clock.advance(1);
      }
      await nextTurn();
    },
    pass: async (work, what) => {
      let done = false;
      const end = () => {
        done = true;
      };
      work.then(end, end);
      await until(
        () => done,
        () => `${what} has not ended`,
      );
      return work;
    },
    began: ({ tags }) => model.runs.some((run) => tags.some((tag) => run.tags.includes(tag))),
  };
}

export const openStage = async (open: (clock: Clock) => Batcher | Promise<Batcher>): Promise<BatcherStage> => {
  const clock = fakeClock();
  return batcherStage(await open(clock), clock);
};

function askOf(servable: Servable, question: Question): Asked {
  const { rows = 1, inner = [2], signature = "double", outputs, priority, deadline, poison = false } = question;
  const id = ++questions;
  const tags = Array.from({ length: rows }, (_, row) => `${poison ? POISON : "row"} ${id}.${row}`);
  const shape = [rows, ...inner];
  const x = tensor(
    "float32",
    shape,
    Float32Array.from({ length: elementCount(shape) }, (_, at) => 1000 * (id % 1000) + at),
  );
  const end = new AbortController();
  const inputs = question.inputs ?? { x, tag: strings(tags) };
  const call: Call = { signature, inputs, signal: end.signal, priority, deadline, ...(outputs && { outputs }) };
  const asked = { call, tags, outcome: undefined as Outcome | undefined, cancel: () => end.abort() };
  const tell = (outcome: Outcome) => {
    asked.outcome = outcome;
  };
  // A run that throws instead of rejecting has ended as well.
  new Promise<Tensors>((resolve) => resolve(servable.run(call))).then(
    (got) => tell({ outputs: got }),
    (error) => tell({ error }),
  );
  return asked;
}

/** It was answered, and as an unbatched run is. */
export function assertAnswered({ call, tags, outcome }: Asked): void {
  assert.ok(outcome, `the run of [${tags}] has not ended`);
  if ("error" in outcome) assert.fail(`the run of [${tags}] failed: ${String(outcome.error)}`);
  assertSameTensors(outcome.outputs, rowAnswers(call));
}

/** It was refused, with this code where one is given. */
export function assertRefused({ tags, outcome }: Asked, code?: string): void {
  assert.ok(outcome, `the run of [${tags}] has not ended`);
  if (!("error" in outcome)) assert.fail(`the run of [${tags}] was answered`);
  const { error } = outcome;
  assert.ok(isServingError(error), `a ServingError, not ${String(error)}`);
  if (code !== undefined) assert.equal(error.code, code, error.message);
}
