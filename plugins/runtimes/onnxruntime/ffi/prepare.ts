import { record, type TensorSpec, type Tensors } from "../../../../core/index.js";
import type { Runtime } from "./runtime.js";
import { takeTensor, toValue } from "./values.js";

/** What a run needs to know of its session. Names are addresses of C strings that live as long as the session. */
export type RunTarget = {
  readonly runtime: Runtime;
  readonly session: bigint;
  readonly outputs: Readonly<Record<string, TensorSpec>>;
  /** Of the names, in an array of at least one item: the C call wants an address even for nothing. */
  readonly addressesOf: (names: readonly string[]) => BigUint64Array;
};

/** One native run: everything it needs, laid out for the C call. */
export type Prepared = {
  readonly inputs: number;
  readonly outputs: number;
  readonly values: BigUint64Array;
  readonly inputNames: BigUint64Array;
  readonly outputNames: BigUint64Array;
  readonly results: BigUint64Array;
  /** Whose memory the values are. */
  readonly given: Tensors;
  readonly wanted: Wanted;
};

/** The names of the outputs to be made, or tensors that they are to be written to. */
export type Wanted = readonly string[] | Tensors;

export const isNames = (wanted: Wanted): wanted is readonly string[] => Array.isArray(wanted);

/** Where the values of a run lie, by their number. */
export type Rooms = (count: number) => BigUint64Array;

/** Rooms of its own for each run. */
export const ownRooms: Rooms = (count) => new BigUint64Array(count || 1);

/** The same ones for run after run: those of one thread that end before the next one begins. */
export function sharedRooms(): Rooms {
  const rooms: BigUint64Array[] = [];
  return (count) => {
    rooms[count] ??= ownRooms(count);
    return rooms[count]!;
  };
}

export function prepare(
  { runtime, addressesOf }: RunTarget,
  inputs: Tensors,
  wanted: Wanted,
  [valueRooms, resultRooms]: readonly [Rooms, Rooms] = [ownRooms, ownRooms],
): Prepared {
  const outputs = isNames(wanted) ? wanted : Object.keys(wanted);
  const names = Object.keys(inputs);
  const prepared: Prepared = {
    inputs: names.length,
    values: valueRooms(names.length),
    inputNames: addressesOf(names),
    outputs: outputs.length,
    outputNames: addressesOf(outputs),
    results: resultRooms(outputs.length),
    given: inputs,
    wanted,
  };
  const { values, results } = prepared;
  try {
    for (let i = 0; i < names.length; i++) values[i] = toValue(runtime, inputs[names[i]!]!);
    if (!isNames(wanted)) for (let i = 0; i < outputs.length; i++) results[i] = toValue(runtime, wanted[outputs[i]!]!);
    return prepared;
  } catch (error) {
    release(runtime, prepared);
    throw error;
  }
}

/** The arguments of the C call. */
export const argumentsOf = (target: RunTarget, options: bigint, run: Prepared) =>
  [target.session, options, run.inputNames, run.values, run.inputs, run.outputNames, run.outputs, run.results] as const;

/** Moves the results out, where they are not in the caller's memory already. */
export function take({ runtime, outputs: specs }: RunTarget, { results, given }: Prepared, wanted: Wanted): Tensors {
  if (!isNames(wanted)) return wanted;
  return record(
    wanted.map((name, at) => {
      const value = results[at]!;
      results[at] = 0n;
      return [name, takeTensor(runtime, value, specs[name]!, given)] as const;
    }),
  );
}

/** Gives back what of a run has not been taken. */
export function release(runtime: Runtime, { values, results }: Prepared): void {
  releaseValues(runtime, values);
  releaseValues(runtime, results);
}

function releaseValues({ api }: Runtime, values: BigUint64Array): void {
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    if (value === 0n) continue;
    values[i] = 0n;
    api.releaseValue(value);
  }
}
