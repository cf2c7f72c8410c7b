import {
  allocate,
  elementCount,
  type NumericDType,
  record,
  type Tensor,
  type TensorSpec,
  type Tensors,
} from "../../../../core/index.js";
import { callAsync, keepAlive, onAbort, pointerSlot } from "../../native/index.js";
import { cancelled, runError } from "../errors.js";
import { underWay } from "./at-exit.js";
import type { LastShapes } from "./last-shapes.js";
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
  readonly inputs: number;
  readonly outputs: number;
  readonly values: BigUint64Array;
  readonly inputNames: BigUint64Array;
  readonly outputNames: BigUint64Array;
  readonly results: BigUint64Array;
  readonly memory: unknown[];
};

/** Every name's address, in an array of at least one item: the C call wants an address even for nothing. */
function addressesOf(names: readonly string[], addressOf: (name: string) => bigint): BigUint64Array {
  const addresses = new BigUint64Array(names.length || 1);
  for (let i = 0; i < names.length; i++) addresses[i] = addressOf(names[i]!);
  return addresses;
}

function prepare({ runtime, addressOf }: RunTarget, inputs: Tensors, outputs: readonly string[]): Prepared {
  const names = Object.keys(inputs);
  const prepared: Prepared = {
    inputs: names.length,
    values: new BigUint64Array(names.length || 1),
    inputNames: addressesOf(names, addressOf),
    outputs: outputs.length,
    outputNames: addressesOf(outputs, addressOf),
    results: new BigUint64Array(outputs.length || 1),
    memory: [inputs],
  };
  try {
    for (let i = 0; i < names.length; i++) prepared.values[i] = valueOf(runtime, inputs[names[i]!]!, prepared);
    return prepared;
  } catch (error) {
    releaseValues(runtime, prepared.values);
    throw error;
  }
}

function valueOf(runtime: Runtime, tensor: Tensor, { memory }: Prepared): bigint {
  const made = toValue(runtime, tensor);
  memory.push(made.memory);
  return made.value;
}

function releaseValues({ api }: Runtime, values: BigUint64Array): void {
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    if (value === 0n) continue;
    values[i] = 0n;
    api.releaseValue(value);
  }
}

const argumentsOf = (target: RunTarget, options: bigint, run: Prepared) =>
  [target.session, options, run.inputNames, run.values, run.inputs, run.outputNames, run.outputs, run.results] as const;

/** Moves the results out; what is left of them is released when one cannot be read. */
function take({ runtime, outputs: specs }: RunTarget, { results }: Prepared, outputs: readonly string[]): Tensors {
  try {
    return record(
      outputs.map((name, index) => {
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
  outputs: readonly string[],
  signal: AbortSignal,
  onBegin: () => void,
): Promise<Tensors> {
  const { api } = target.runtime;
  const run = prepare(target, inputs, outputs);
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
    return take(target, run, outputs);
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

/** Tensors of these shapes, for a run to write into. */
function layOut(
  specs: RunTarget["outputs"],
  outputs: readonly string[],
  shapes: readonly (readonly number[])[],
): Tensors {
  return record(
    outputs.map((name, i) => {
      const dtype = specs[name]!.dtype as NumericDType;
      const shape = shapes[i]!;
      return [name, { dtype, shape, data: allocate(dtype, elementCount(shape)) } as Tensor] as const;
    }),
  );
}

/** Runs on this thread, which it blocks: for runs known to be tiny. */
export function runInline(target: RunTarget, last: LastShapes, inputs: Tensors, outputs: readonly string[]): Tensors {
  const shapes = last.outputsFor(inputs, outputs);
  if (shapes) {
    const laidOut = layOut(target.outputs, outputs, shapes);
    if (runInto(target, inputs, laidOut, outputs)) return laidOut;
  }
  const { api } = target.runtime;
  const run = prepare(target, inputs, outputs);
  try {
    const failure = takeFailure(api, api.run(...argumentsOf(target, 0n, run)));
    if (failure) throw runError(failure);
    const results = take(target, run, outputs);
    // What cannot be run into tensors of those shapes, and can be without, has others.
    if (shapes) last.distrust();
    else last.note(inputs, outputs, results);
    return results;
  } catch (error) {
    throw translate(error);
  } finally {
    releaseValues(target.runtime, run.values);
    releaseValues(target.runtime, run.results);
    keepAlive(run);
  }
}

/** Runs into tensors that are there already; whether it could, which the runtime refuses for other shapes. */
function runInto(target: RunTarget, inputs: Tensors, into: Tensors, outputs: readonly string[]): boolean {
  const { runtime } = target;
  const { api } = runtime;
  const run = prepare(target, inputs, outputs);
  try {
    for (let i = 0; i < outputs.length; i++) run.results[i] = valueOf(runtime, into[outputs[i]!]!, run);
    return takeFailure(api, api.run(...argumentsOf(target, 0n, run))) === undefined;
  } finally {
    releaseValues(runtime, run.values);
    releaseValues(runtime, run.results);
    keepAlive(run);
  }
}

function translate(error: unknown, signal?: AbortSignal): unknown {
  if (signal?.aborted) return cancelled(signal);
  return error instanceof OrtFailure ? runError(error.failure) : error;
}
