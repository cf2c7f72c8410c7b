import type { BatchClose, Call, Priority, Tensor, Tensors } from "../../../../core/index.js";
import { tensor } from "../../../../core/index.js";
import { fakeClock } from "../../../../core/testing/index.js";
import { options } from "../../../../plugins/batchers/shared/options.js";
import { createPool } from "../../../../plugins/batchers/shared/pools.js";
import { rulesOf } from "../../../../plugins/batchers/shared/rules.js";
import { batched } from "../../../../plugins/batchers/shared/servable.js";
import { inner, outcome, settle } from "./support.js";

/** What a batch was when it began. */
export type Began = {
  /** Its values, one a row. */
  readonly rows: readonly number[];
  readonly closed: BatchClose;
  readonly priority: Priority;
  readonly waits: readonly number[];
};

/** A batched echo whose runs end when the test says, on a clock that stands still. */
export function heldModel(chosen: Readonly<Record<string, unknown>> = {}, threads = 1) {
  const clock = fakeClock();
  const calls: Call[] = [];
  const began: Began[] = [];
  const ends: string[] = [];
  const open: ((error?: unknown) => void)[] = [];
  const model = inner(async (call): Promise<Tensors> => {
    calls.push(call);
    const error = await new Promise<unknown>((resolve) => open.push(resolve));
    if (error !== undefined) throw error;
    return { y: call.inputs.x as Tensor };
  });
  const rules = rulesOf(options.parse({ maxBatchSize: 8, ...chosen }));
  const servable = batched(model.servable, rules, {
    pool: createPool(threads),
    clock,
    telemetry: {
      batchStarted: ({ closed, priority, waits }) => began.push({ rows: [], closed, priority, waits }),
      batchEnded: ({ code, milliseconds }) => ends.push(`${code} ${milliseconds}`),
    },
    origin: { pool: "threads", model: "m", version: 1n },
  });
  const ask = async (values: readonly number[], more: Partial<Call> = {}) => {
    const x = tensor("float32", [values.length], Float32Array.from(values));
    return servable.run({ signature: "serving_default", inputs: { x }, signal: new AbortController().signal, ...more });
  };
  return {
    clock,
    calls,
    ends,
    state: model.state,
    servable,
    /** Those that have begun, in their order. */
    began: (): readonly Began[] =>
      began.map((each, i) => ({ ...each, rows: [...((calls[i]?.inputs.x?.data ?? []) as Float32Array)] })),
    /** Asks with these values as rows. */
    ask,
    /** As `ask`; the values that came, or the error's code and text. */
    asked: (values: readonly number[], more: Partial<Call> = {}): Promise<readonly number[] | string> =>
      ask(values, more).then(
        ({ y }) => [...(y!.data as Float32Array)],
        (error) => outcome(Promise.reject(error)),
      ),
    /** Ends the oldest run, `after` milliseconds on, with `error` where one is given; lets what can begin begin. */
    async end(after = 0, error?: unknown) {
      clock.advance(after);
      open.shift()?.(error);
      await settle();
      await settle();
    },
    settle,
  };
}
