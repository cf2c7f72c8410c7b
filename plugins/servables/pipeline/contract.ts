import { ServingError, type Signature, type TensorSpec } from "../../../core/index.js";
import type { Place } from "./binding.js";
import { formatSpec, within } from "./specs.js";

/**
 * Clients know a pipeline by the signature that it had first: what it comes to with other versions of its models must
 * take what it took, and answer as it answered.
 * @throws ServingError FAILED_PRECONDITION that begins with the option's place
 */
export function checkContract(known: Signature, now: Signature, place: Place): void {
  for (const [name, spec] of Object.entries(now.inputs)) {
    const before = known.inputs[name];
    const fits = before && before.dtype === spec.dtype && within(before.shape, spec.shape);
    if (!fits || (before.optional && !spec.optional))
      throw broken(["inputs", name], "input", name, before, spec, place);
  }
  for (const [name, spec] of Object.entries(now.outputs)) {
    const before = known.outputs[name];
    // A shape that a model does not tell is held against none: an optional step may have begun with its default's.
    if (before && before.dtype === spec.dtype && (spec.shape === null || within(spec.shape, before.shape))) continue;
    throw broken(["outputs", name], "output", name, before, spec, place);
  }
}

const told = (spec: TensorSpec | undefined) =>
  spec ? `${spec.optional ? "optional " : ""}${formatSpec(spec)}` : "not there";

function broken(
  at: readonly string[],
  side: string,
  name: string,
  before: TensorSpec | undefined,
  now: TensorSpec,
  place: Place,
): ServingError {
  return new ServingError(
    "FAILED_PRECONDITION",
    `${place(at)}: the ${side} "${name}" of the pipeline is ${told(before)} for its clients, and would become ${told(now)}`,
  );
}
