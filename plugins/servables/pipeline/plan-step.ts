import { hint, record, type Signature, type Tensor, type TensorSpec } from "../../../core/index.js";
import type { Binding } from "./binding.js";
import { constantTensor } from "./constants.js";
import { type Ref, refOf } from "./graph.js";
import type { Constant, StepOptions } from "./options.js";
import { canMeet, formatSpec } from "./specs.js";

/** What goes into a step. */
export type Feeding = {
  readonly constants: Readonly<Record<string, Tensor>>;
  /** Inputs that come from elsewhere. */
  readonly feeds: readonly (readonly [input: string, from: Ref])[];
};

const mayLack = ({ inputs, defaults }: Signature, input: string) =>
  inputs[input]?.optional === true || defaults?.[input] !== undefined;

/** Checks what goes into a step against the signature that it calls; of one that cannot be reached all is taken. */
export function planFeeding(name: string, step: StepOptions, binding: Binding): Feeding {
  const at = ["steps", name, "inputs"];
  const signature = binding.signatureOf(name);
  const { fail, callee } = binding;
  const constants: Record<string, Tensor> = record();
  const feeds: (readonly [string, Ref])[] = [];
  for (const [input, from] of Object.entries(step.inputs)) {
    if (typeof from === "string") feeds.push([input, refOf(from)]);
    if (!signature) continue;
    const { inputs } = signature;
    const spec = Object.hasOwn(inputs, input) ? inputs[input] : undefined;
    if (!spec) fail([...at, input], `${callee(name)} has no input "${input}"${hint(input, Object.keys(inputs))}`);
    else if (typeof from !== "string") constants[input] = constantFor(from, spec, [...at, input], binding);
    else {
      const who = `the input "${input}" of ${callee(name)}`;
      binding.use(refOf(from), { spec: { ...spec, optional: mayLack(signature, input) }, who, at: [...at, input] });
    }
  }
  for (const input of Object.keys(signature?.inputs ?? {})) {
    if (Object.hasOwn(step.inputs, input) || (signature && mayLack(signature, input))) continue;
    fail(at, `nothing goes into the input "${input}" of ${callee(name)}`);
  }
  return { constants, feeds };
}

function constantFor(
  { constant, dtype = undefined }: Constant,
  spec: TensorSpec,
  at: readonly string[],
  { fail, made }: Binding,
): Tensor {
  const tensor = made(at, () => constantTensor(constant, dtype ?? spec.dtype));
  if (tensor.dtype === spec.dtype && canMeet(tensor.shape, spec.shape)) return tensor;
  return fail(at, `the constant is ${formatSpec(tensor)}, and the input is ${formatSpec(spec)}`);
}
