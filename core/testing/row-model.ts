import { setImmediate as nextTurn } from "node:timers/promises";
import { invalidArgument } from "../errors.js";
import type { Call, Servable } from "../servable.js";
import { abortError } from "../serving/abort-error.js";
import { record, strings, type Tensor, type Tensors, tensor, texts } from "../tensor.js";
import { assertSameTensors, copyTensors } from "./tensor-assertions.js";

/** A tag that begins so makes the run that it is in fail. */
export const POISON = "poison";

/** One run of a row model, as it came. */
export type RowRun = {
  readonly signature: string;
  /** The tags of its rows. */
  readonly tags: readonly string[];
  readonly signal: AbortSignal;
  state: "running" | "answered" | "failed";
  error?: unknown;
};

/** A servable whose rows depend on nothing but themselves, and that remembers what was done with it. */
export interface RowModel extends Servable {
  readonly runs: readonly RowRun[];
  readonly disposals: number;
  /** How often it was told to hurry. */
  readonly hurries: number;
  /** What no servable may be put through, as sentences; empty where all was well. */
  readonly faults: readonly string[];
  /** Runs from now on do not end before `release`, unless they are aborted. */
  hold(): void;
  release(): void;
  /** The next run throws this at once, without a promise. */
  breakNext(error: unknown): void;
}

const slopes: Readonly<Record<string, number>> = { double: 2, triple: 3 };

/**
 * The right answer, row by row: `y` is twice or, of signature `triple`, three times `x` and one, `echo` is `tag`.
 * @throws INVALID_ARGUMENT for inputs that are no rows, and for a poisoned row
 */
export function rowAnswers({ signature, inputs, outputs }: Omit<Call, "signal">): Tensors {
  const { x, tag } = inputs;
  if (x?.dtype !== "float32" || tag?.dtype !== "string") throw invalidArgument("x is float32 and tag is string");
  if (x.shape.length === 0 || tag.shape.length !== 1 || x.shape[0] !== tag.shape[0]) {
    throw invalidArgument(`x and tag have a row each, not shapes [${x.shape}] and [${tag.shape}]`);
  }
  const poisoned = texts(tag).find((each) => each.startsWith(POISON));
  if (poisoned !== undefined) throw invalidArgument(`the row ${poisoned} is poisoned`);
  const slope = slopes[signature] ?? 0;
  const y = tensor(
    "float32",
    x.shape,
    x.data.map((value) => slope * value + 1),
  );
  const all: Readonly<Record<string, Tensor>> = { y, echo: tensor("string", tag.shape, [...tag.data]) };
  return outputs ? record(outputs.map((name) => [name, all[name] as Tensor] as const)) : all;
}

/** A fresh one, with the signatures `double` and `triple`, and a graph that answers `session` for any run. */
export function rowModel(): RowModel {
  const runs: RowRun[] = [];
  const faults: string[] = [];
  let disposals = 0;
  let hurries = 0;
  let gate = Promise.resolve();
  let open = () => {};
  let broken: { readonly error: unknown } | undefined;

  async function answer(call: Call, run: RowRun): Promise<Tensors> {
    const before = copyTensors(call.inputs);
    await orAborted(
      gate.then(() => nextTurn()),
      call.signal,
    );
    try {
      assertSameTensors(call.inputs, before);
    } catch {
      faults.push(`the inputs of the run of [${run.tags}] changed while it was under way`);
    }
    return rowAnswers(call);
  }

  const spec = { dtype: "float32", shape: null } as const;
  const tag = { dtype: "string", shape: [-1] } as const;
  const signature = { inputs: { x: spec, tag }, outputs: { y: spec, echo: tag } };

  return {
    signatures: { double: signature, triple: signature },
    engine: "rows",
    runs,
    faults,
    get disposals() {
      return disposals;
    },
    get hurries() {
      return hurries;
    },
    hurry: () => {
      hurries++;
    },
    hold: () => {
      gate = new Promise((resolve) => {
        open = resolve;
      });
    },
    release: () => open(),
    breakNext: (error) => {
      broken = { error };
    },
    run: (call) => {
      if (call.signal.aborted) return Promise.reject(abortError(call.signal));
      const tags = call.inputs.tag?.dtype === "string" ? texts(call.inputs.tag) : [];
      if (disposals > 0) faults.push(`a run of [${tags}] began after the disposal`);
      const run: RowRun = { signature: call.signature, tags, signal: call.signal, state: "running" };
      runs.push(run);
      const fail = (error: unknown) => Object.assign(run, { state: "failed", error });
      if (broken) {
        const { error } = broken;
        broken = undefined;
        fail(error);
        throw error;
      }
      const answered = answer(call, run);
      answered.then(() => Object.assign(run, { state: "answered" }), fail);
      return answered;
    },
    runSession: async () => [strings(["session"])],
    [Symbol.asyncDispose]: async () => {
      const under = runs.filter(({ state }) => state === "running").length;
      if (under > 0) faults.push(`it was disposed with ${under} runs under way`);
      if (++disposals > 1) faults.push(`it was disposed ${disposals} times`);
    },
  };
}

/** As `work`, but over as soon as the signal aborts. */
function orAborted(work: Promise<void>, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(abortError(signal));
    if (signal.aborted) return abort();
    signal.addEventListener("abort", abort, { once: true });
    work.then(resolve, reject);
  });
}
