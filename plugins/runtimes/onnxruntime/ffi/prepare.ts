import { record, type Tensor, type TensorSpec, type Tensors } from "../../../../core/index.js";
import type { Runtime } from "./runtime.js";
import { takeTensor, toValue } from "./values.js";

/** What a run needs to know of its session. Names are addresses of C strings that live as long as the session. */
export type RunTarget = {
  readonly runtime: Runtime;
  readonly session: bigint;
  readonly outputs: Readonly<Record<string, TensorSpec>>;
  readonly addressOf: (name: string) => bigint;
};

/** One native run: everything it needs, laid out for the C call. */
export type Prepared = {
  readonly inputs: number;
  readonly outputs: number;
  readonly values: BigUint64Array;
  readonly inputNames: BigUint64Array;
  readonly outputNames: BigUint64Array;
  readonly results: BigUint64Array;
  readonly given: Tensors;
  readonly memory: unknown[];
};

/** The names of the outputs to be made, or tensors that they are to be written to. */
export type Wanted = readonly string[] | Tensors;

export const isNames = (wanted: Wanted): wanted is readonly string[] => Array.isArray(wanted);

/** Every name's address, in an array of at least one item: the C call wants an address even for nothing. */
function addressesOf(names: readonly string[], addressOf: (name: string) => bigint): BigUint64Array {
  const addresses = new BigUint64Array(names.length || 1);
  for (let i = 0; i < names.length; i++) addresses[i] = addressOf(names[i]!);
  return addresses;
}

export function prepare({ runtime, addressOf }: RunTarget, inputs: Tensors, wanted: Wanted): Prepared {
  const outputs = isNames(wanted) ? wanted : Object.keys(wanted);
  const names = Object.keys(inputs);
  const prepared: Prepared = {
    inputs: names.length,
    values: new BigUint64Array(names.length || 1),
    inputNames: addressesOf(names, addressOf),
    outputs: outputs.length,
    outputNames: addressesOf(outputs, addressOf),
    results: new BigUint64Array(outputs.length || 1),
    given: inputs,
    memory: [wanted],
  };
  const hold = (values: BigUint64Array, at: number, tensor: Tensor) => {
    const { value, memory } = toValue(runtime, tensor);
    values[at] = value;
    prepared.memory.push(memory);
  };
  try {
    for (let i = 0; i < names.length; i++) hold(prepared.values, i, inputs[names[i]!]!);
    if (!isNames(wanted)) for (let i = 0; i < outputs.length; i++) hold(prepared.results, i, wanted[outputs[i]!]!);
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
