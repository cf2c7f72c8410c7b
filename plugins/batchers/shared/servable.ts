import {
  abortError,
  type Call,
  isGone,
  type MaybePromise,
  offGone,
  onGone,
  type Servable,
  type Tensors,
} from "../../../core/index.js";
import { sharing } from "./identical.js";
import type { Rules } from "./rules.js";
import { createScheduler, expiredWaiting, type House } from "./scheduler.js";
import { type Asked, askedFor, createTask, fail, type Task } from "./task.js";

/** `inner`, with its runs grouped. */
export function batched(inner: Servable, rules: Rules, house: House): Servable {
  const { clock } = house;
  const scheduler = createScheduler(inner, rules, house);

  function run(call: Call): MaybePromise<Tensors> {
    if (isGone(call)) return Promise.reject(abortError(call.signal));
    if (inner.signatures[call.signature]?.batched === false) return inner.run(call);
    try {
      const asked = askedFor(call, clock.now());
      return scheduler.alone(asked) ?? together(asked);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  function together(asked: Asked): Promise<Tensors> {
    return new Promise((resolve, reject) => {
      const abort = () => abandon(task);
      const left = () => {
        offGone(asked.call, abort);
        scheduler.left(task);
      };
      const task = createTask(asked, {
        resolve: (outputs) => {
          left();
          resolve(outputs);
        },
        reject: (error) => {
          left();
          reject(error);
        },
      });
      scheduler.add(task);
      if (!task.settled) onGone(asked.call, abort);
    });
  }

  const { runSession } = inner;
  return {
    ...inner,
    signatures: inner.signatures,
    // Who shares an execution has answers that may be views of another one's inputs.
    forgetsInputs: inner.forgetsInputs === true && !rules.share,
    run: rules.share ? sharing(run) : run,
    ...(runSession && { runSession: runSession.bind(inner) }),
    hurry: () => {
      scheduler.hurry();
      inner.hurry?.();
    },
    [Symbol.asyncDispose]: async () => {
      await scheduler.finish();
      await inner[Symbol.asyncDispose]();
    },
  };
}

/** Frees a caller that has gone. A batch ends early when all of its callers have. */
function abandon(task: Task): void {
  const { pieces, call } = task;
  const gone = abortError(call.signal);
  const waits = pieces.some(({ batch }) => batch.closed === undefined);
  fail(task, waits && gone.code === "DEADLINE_EXCEEDED" ? expiredWaiting(gone) : gone);
  for (const { batch } of pieces) {
    if (batch.end && batch.pieces.every((each) => each.task.settled)) batch.end.abort(call.signal.reason);
  }
}
