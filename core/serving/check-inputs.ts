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

/** TensorFlow Serving's texts: by number where that is enough to tell, else by name. */
function namesDiffer({ inputs: specs, defaults = {} }: Signature, inputs: Tensors): ServingError {
  const sent = Object.keys(inputs);
  const wanted = Object.keys(specs);
  const extra = sent.filter((name) => !(name in specs));
  const missing = wanted.filter((name) => !(name in inputs) && !specs[name]?.optional && defaults[name] === undefined);
  const hasDefaults = Object.keys(defaults).length > 0;
  if (sent.length > wanted.length || (sent.length < wanted.length && !hasDefaults)) {
    return invalidArgument(
      `input size does not match signature: ${sent.length}!=${wanted.length} len({${list(sent)}}) != ` +
        `len({${list(wanted)}}). Sent extra: {${list(extra)}}. Missing but required: {${list(missing)}}.`,
    );
  }
  const [name] = missing;
  if (name !== undefined) {
    return invalidArgument(
      `Signature input alias: ${name}(feed name: ${specs[name]?.name ?? name}) not found in request and no default ` +
        `value provided. Inputs expected to be in the request {${list(sent)}}, or default input alias set: ` +
        list(Object.keys(defaults)),
    );
  }
  const used = sent.filter((each) => each in specs);
  return invalidArgument(
    `Inputs contains invalid name. Used request inputs: ${list(used)}, request input: ${list(sent)}`,
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
