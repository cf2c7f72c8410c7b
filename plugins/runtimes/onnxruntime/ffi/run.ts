import { record, type Tensor, type TensorSpec, type Tensors } from "../../../../core/index.js";
import { callAsync, keepAlive, onAbort, pointerSlot } from "../../native/index.js";
import { cancelled, runError } from "../errors.js";
import { underWay } from "./at-exit.js";
import type { Runtime } from "./runtime.js";
import { check, OrtFailure, takeFailure } from "./status.js";
import { takeTensor, toValue } from "./values.js";

/** What a run needs to know of its session. Names are addresses of C strings that live as long as the session. */
export type RunTarget = {
  readonly runtime: Runtime;
  readonly session: bigint;
  readonly outputs: Readonly<Record<string, TensorSpec>>;
  readonly addressOf: (name: string) => bigint;
};

/** One native run: everything it needs, laid out for the C call. */
type Prepared = {
  readonly values: BigUint64Array;
  readonly inputNames: BigUint64Array;
  readonly outputNames: BigUint64Array;
  readonly results: BigUint64Array;
  readonly memory: unknown[];
};

/** The names of the outputs to be made, or tensors that they are to be written to. */
export type Wanted = readonly string[] | Tensors;

const isNames = (wanted: Wanted): wanted is readonly string[] => Array.isArray(wanted);

function prepare({ runtime, addressOf }: RunTarget, inputs: Tensors, wanted: Wanted): Prepared {
  const outputs = isNames(wanted) ? wanted : Object.keys(wanted);
  const names = Object.keys(inputs);
  const prepared: Prepared = {
    // At least one item each, because the C call wants an address even for nothing.
    values: new BigUint64Array(names.length || 1),
    inputNames: BigUint64Array.from(names, addressOf),
    outputNames: BigUint64Array.from(outputs, addressOf),
    results: new BigUint64Array(outputs.length),
    memory: [inputs, wanted],
  };
  const hold = (values: BigUint64Array, index: number, tensor: Tensor) => {
    const { value, memory } = toValue(runtime, tensor);
    values[index] = value;
    prepared.memory.push(memory);
  };
  try {
    for (const [index, name] of names.entries()) hold(prepared.values, index, inputs[name]!);
    if (!isNames(wanted)) for (const [index, name] of outputs.entries()) hold(prepared.results, index, wanted[name]!);
    return prepared;
  } catch (error) {
    releaseValues(runtime, prepared.values);
    releaseValues(runtime, prepared.results);
    throw error;
  }
}

function releaseValues({ api }: Runtime, values: BigUint64Array): void {
  for (const [index, value] of values.entries()) {
    if (value === 0n) continue;
    values[index] = 0n;
    api.releaseValue(value);
  }
}

const argumentsOf = (target: RunTarget, options: bigint, run: Prepared) => {
  const { inputNames, outputNames, values, results } = run;
  const inputs = inputNames.length > 0 ? inputNames : values;
  return [
    target.session,
    options,
    inputs,
    values,
    inputNames.length,
    outputNames,
    outputNames.length,
    results,
  ] as const;
};

/** Moves the results out, where they are not in the caller's memory already. */
function take({ runtime, outputs: specs }: RunTarget, { results }: Prepared, wanted: Wanted): Tensors {
  if (!isNames(wanted)) return wanted;
  try {
    return record(
      wanted.map((name, index) => {
        const value = results[index]!;
        results[index] = 0n;
        return [name, takeTensor(runtime, value, specs[name]!)] as const;
      }),
    );
  } catch (error) {
    releaseValues(runtime, results);
    throw error;
  }
}

/**
 * Runs on another thread; `onBegin` is told when it no longer waits for one. `signal` stops it: while it waits, and at the
 * next node once it runs.
 */
export async function runAsync(
  target: RunTarget,
  inputs: Tensors,
  wanted: Wanted,
  signal: AbortSignal,
  onBegin: () => void,
): Promise<Tensors> {
  const { api } = target.runtime;
  const run = prepare(target, inputs, wanted);
  const slot = pointerSlot();
  let options = 0n;
  let ended = () => {};
  let stopListening = () => {};
  try {
    check(api, api.createRunOptions(slot));
    options = slot[0]!;
    ended = underWay(options);
    stopListening = onAbort(signal, () => takeFailure(api, api.runOptionsSetTerminate(options)));
    const call = { keep: [run], onBegin, signal };
    const status = await callAsync(api.run, [...argumentsOf(target, options, run)], call);
    const failure = takeFailure(api, status);
    if (signal.aborted) throw cancelled(signal);
    if (failure) throw runError(failure);
    return take(target, run, wanted);
  } catch (error) {
    throw translate(error, signal);
  } finally {
    stopListening();
    ended();
    releaseValues(target.runtime, run.values);
    releaseValues(target.runtime, run.results);
    if (options !== 0n) api.releaseRunOptions(options);
    keepAlive(run);
  }
}

/** Runs on this thread, which it blocks: for runs known to be tiny. */
export function runInline(target: RunTarget, inputs: Tensors, wanted: Wanted): Tensors {
  const { api } = target.runtime;
  const run = prepare(target, inputs, wanted);
  try {
    const failure = takeFailure(api, api.run(...argumentsOf(target, 0n, run)));
    if (failure) throw runError(failure);
    return take(target, run, wanted);
  } catch (error) {
    throw translate(error);
  } finally {
    releaseValues(target.runtime, run.values);
    releaseValues(target.runtime, run.results);
    keepAlive(run);
  }
}

function translate(error: unknown, signal?: AbortSignal): unknown {
  if (signal?.aborted) return cancelled(signal);
  return error instanceof OrtFailure ? runError(error.failure) : error;
}
