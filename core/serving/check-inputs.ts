import { invalidArgument, type ServingError } from "../errors.js";
import { formatShape, type Signature, shapeFits } from "../signature.js";
import { record, type Tensors } from "../tensor.js";
import { typeName } from "./type-names.js";

const list = (names: readonly string[]) => [...names].sort().join(",");

/**
 * The inputs of a call, completed with the signature's defaults. Names and dtypes must be the signature's; shapes
 * are the runtime's to judge, as in TensorFlow Serving (clients feed `[3]` where `[-1,1]` is declared).
 * @throws INVALID_ARGUMENT naming the input, what was expected and what came
 */
export function checkInputs(signatureName: string, signature: Signature, inputs: Tensors): Tensors {
  const { inputs: specs, defaults } = signature;
  let missing = false;
  let matched = 0;
  let position = 0;
  for (const name in specs) {
    const spec = specs[name]!;
    const given = inputs[name];
    if (given !== undefined) {
      matched++;
      if (given.dtype !== spec.dtype) {
        throw invalidArgument(
          `Expects arg[${position}] to be ${typeName(spec.dtype)} but ${typeName(given.dtype)} is provided ` +
            `(input "${name}" of signature "${signatureName}")`,
        );
      }
    } else if (!spec.optional && defaults?.[name] === undefined) {
      missing = true;
    }
    position++;
  }
  if (missing || matched !== Object.keys(inputs).length) throw namesDiffer(signature, inputs);
  return defaults && matched < position ? withDefaults(inputs, defaults) : inputs;
}

function withDefaults(inputs: Tensors, defaults: Tensors): Tensors {
  return record([...Object.entries(defaults), ...Object.entries(inputs)]);
}

function namesDiffer(signature: Signature, inputs: Tensors): ServingError {
  const sent = Object.keys(inputs);
  const wanted = Object.keys(signature.inputs);
  const extra = sent.filter((name) => !(name in signature.inputs));
  const missing = wanted.filter((name) => {
    const spec = signature.inputs[name];
    return !(name in inputs) && !spec?.optional && signature.defaults?.[name] === undefined;
  });
  return invalidArgument(
    `input size does not match signature: ${sent.length}!=${wanted.length} len({${list(sent)}}) != ` +
      `len({${list(wanted)}}). Sent extra: {${list(extra)}}. Missing but required: {${list(missing)}}.`,
  );
}

/**
 * The outputs asked for; all of the signature's when none are named.
 * @throws INVALID_ARGUMENT for an unknown or repeated name
 */
export function checkOutputs(signature: Signature, wanted: readonly string[] | undefined): readonly string[] {
  if (wanted === undefined || wanted.length === 0) return Object.keys(signature.outputs);
  const seen = new Set<string>();
  for (const name of wanted) {
    if (!Object.hasOwn(signature.outputs, name)) {
      throw invalidArgument(
        `output tensor alias not found in signature: ${name} Outputs expected to be in the set ` +
          `{${list(Object.keys(signature.outputs))}}.`,
      );
    }
    if (seen.has(name)) throw invalidArgument(`duplicate output tensor alias: ${name}`);
    seen.add(name);
  }
  return wanted;
}

/** What the signature says of the inputs' shapes beside what came, for a runtime's refusal; "" when all fit. */
export function shapeNote(signature: Signature, inputs: Tensors): string {
  const notes = Object.entries(inputs).flatMap(([name, { shape }]) => {
    const wanted = signature.inputs[name]?.shape ?? null;
    return shapeFits(shape, wanted)
      ? []
      : [`input "${name}" has shape ${formatShape(shape)}, the signature says ${formatShape(wanted)}`];
  });
  return notes.length === 0 ? "" : ` (${notes.join("; ")})`;
}
