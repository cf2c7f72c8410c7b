import { setImmediate as turn } from "node:timers/promises";
import { invalidArgument } from "../errors.js";
import type { Example } from "../example.js";
import type { Signature } from "../signature.js";
import { record, type Tensor, type Tensors, tensor } from "../tensor.js";
import { abortError } from "./abort-error.js";
import { createStack } from "./examples-stack.js";

/** Milliseconds of work between two turns of the event loop. */
const SLICE = 4;

/** The input of signatures that parse examples themselves. */
const SERIALIZED = "inputs";

/** Whether the graph parses examples itself: its only input is `inputs`, of strings. */
export function parsesExamples({ inputs }: Signature): boolean {
  return Object.keys(inputs).length === 1 && inputs[SERIALIZED]?.dtype === "string";
}

/**
 * Examples as the inputs of a signature. A graph that parses examples itself gets them serialized, as a string tensor
 * `[n]`. Any other gets a tensor `[n, …]` for each input, of the features that bear its name.
 * @throws ServingError INVALID_ARGUMENT when there are no examples, or their features do not fit the signature
 */
export async function inputsOf(
  signature: Signature,
  examples: readonly Example[],
  signal: AbortSignal,
): Promise<Tensors> {
  if (examples.length === 0) throw invalidArgument("Input is empty.");
  if (parsesExamples(signature)) {
    const serialized = examples.map(({ bytes }) => bytes);
    return record([[SERIALIZED, tensor("string", [serialized.length], serialized)]]);
  }
  const stacks = Object.entries(signature.inputs).map(([name, spec]) => {
    const optional = spec.optional === true || signature.defaults?.[name] !== undefined;
    return { name, stack: createStack(name, spec, examples.length, optional) };
  });
  let since = performance.now();
  for (const [index, example] of examples.entries()) {
    const features = example.features();
    for (const { name, stack } of stacks) stack.add(features[name], index);
    if (performance.now() - since < SLICE) continue;
    await turn();
    if (signal.aborted) throw abortError(signal);
    since = performance.now();
  }
  const tensors = record<Tensor>();
  for (const { name, stack } of stacks) {
    const stacked = stack.tensor();
    if (stacked) tensors[name] = stacked;
  }
  return tensors;
}
