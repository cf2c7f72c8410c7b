import {
  allocate,
  type Caller,
  elementCount,
  isGone,
  type NumericDType,
  offGone,
  onGone,
  record,
  type Tensor,
  type Tensors,
} from "../../../../core/index.js";
import { callAsync, keepAlive, pointerSlot } from "../../native/index.js";
import { cancelled, runError } from "../errors.js";
import { underWay } from "./at-exit.js";
import type { LastShapes } from "./last-shapes.js";
import { argumentsOf, isNames, prepare, type RunTarget, release, sharedRooms, take, type Wanted } from "./prepare.js";
import { check, OrtFailure, takeFailure } from "./status.js";

/**
 * Runs on another thread; `onBegin` is told when it no longer waits for one. It ends when its caller goes: while it waits,
 * and at the next node once it runs.
 */
export async function runAsync(
  target: RunTarget,
  inputs: Tensors,
  wanted: Wanted,
  caller: Caller,
  onBegin: () => void,
): Promise<Tensors> {
  const { api } = target.runtime;
  const run = prepare(target, inputs, wanted);
  const slot = pointerSlot();
  let options = 0n;
  let ended = () => {};
  const stop = () => void takeFailure(api, api.runOptionsSetTerminate(options));
  try {
    check(api, api.createRunOptions(slot));
    options = slot[0]!;
    ended = underWay(options);
    onGone(caller, stop);
    const call = { keep: [run], onBegin, caller };
    const status = await callAsync(api.run, [...argumentsOf(target, options, run)], call);
    const failure = takeFailure(api, status);
    if (isGone(caller)) throw cancelled(caller.signal);
    if (failure) throw runError(failure);
    return take(target, run, wanted);
  } catch (error) {
    throw translate(error, caller);
  } finally {
    offGone(caller, stop);
    ended();
    release(target.runtime, run);
    if (options !== 0n) api.releaseRunOptions(options);
    keepAlive(run);
  }
}

/**
 * Runs on this thread, which it blocks: for runs known to be tiny. Outputs are written into tensors of the shapes that they
 * had before, where these may be relied on, which spares asking for the shapes and a copy.
 */
export function runInline(target: RunTarget, last: LastShapes, inputs: Tensors, wanted: Wanted): Tensors {
  if (!isNames(wanted)) return runHere(target, inputs, wanted);
  const shapes = last.outputsFor(inputs, wanted);
  if (shapes) {
    try {
      return runHere(target, inputs, layOut(target.outputs, wanted, shapes));
    } catch {
      // Refused for its shapes, or for a reason that shows again below.
    }
  }
  const results = runHere(target, inputs, wanted);
  if (shapes) last.distrust();
  else last.note(inputs, wanted, results);
  return results;
}

/** A run on this thread is over before the next one begins. */
const rooms = [sharedRooms(), sharedRooms()] as const;

function runHere(target: RunTarget, inputs: Tensors, wanted: Wanted): Tensors {
  const { api } = target.runtime;
  const run = prepare(target, inputs, wanted, rooms);
  try {
    const failure = takeFailure(api, api.run(...argumentsOf(target, 0n, run)));
    if (failure) throw runError(failure);
    return take(target, run, wanted);
  } catch (error) {
    throw translate(error);
  } finally {
    release(target.runtime, run);
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

function translate(error: unknown, caller?: Caller): unknown {
  if (caller && isGone(caller)) return cancelled(caller.signal);
  return error instanceof OrtFailure ? runError(error.failure) : error;
}
