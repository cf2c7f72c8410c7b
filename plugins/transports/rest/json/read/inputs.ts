import { invalidArgument, record, type Signature, type Tensor, type Tensors } from "../../../../../core/index.js";
import { OPEN_OBJECT, skipSpace } from "../scan/chars.js";
import { base64Object } from "./base64.js";
import { createDenseReader } from "./dense.js";
import { createElements } from "./elements.js";
import { isLast, readKey, skipValue } from "./members.js";

/** Inputs that a request cannot leave out. */
export const requiredInputs = ({ inputs, defaults }: Signature): string[] =>
  Object.keys(inputs).filter((name) => inputs[name]?.optional !== true && defaults?.[name] === undefined);

/**
 * The columnar form: the value at `at` is the tensor itself where the signature has one input, or an object with a
 * tensor for each name.
 * @throws INVALID_ARGUMENT in the words of TensorFlow Serving
 */
export async function readInputs(
  json: Buffer,
  at: number,
  signature: Signature,
  signal: AbortSignal,
): Promise<Tensors> {
  const names = Object.keys(signature.inputs);
  const read = async (name: string, from: number): Promise<{ tensor: Tensor; after: number }> => {
    const { dtype } = signature.inputs[name] as Signature["inputs"][string];
    const elements = createElements(json, dtype);
    const reader = createDenseReader(json, elements);
    await reader.read(from, signal);
    return { tensor: { dtype, shape: reader.shape(), data: elements.data() } as Tensor, after: reader.at };
  };

  if (json[at] !== OPEN_OBJECT || base64Object(json, at) !== undefined) {
    if (names.length !== 1) {
      throw invalidArgument(
        "inputs is a plain value/list, but expecting an object as multiple input tensors required as per tensorinfo_map",
      );
    }
    const name = names[0] as string;
    return record([[name, (await read(name, at)).tensor]]);
  }

  const tensors = record<Tensor>();
  let position = at + 1;
  for (;;) {
    const key = readKey(json, position);
    if (key === undefined) break;
    const wanted = Object.hasOwn(signature.inputs, key.name) && tensors[key.name] === undefined;
    const member = wanted ? await read(key.name, key.value) : undefined;
    if (member !== undefined) tensors[key.name] = member.tensor;
    const after = member?.after ?? (await skipValue(json, key.value, signal));
    if (isLast(json, after)) break;
    position = skipSpace(json, after) + 1;
  }
  const missing = requiredInputs(signature).find((name) => tensors[name] === undefined);
  if (missing !== undefined) throw invalidArgument(`Missing named input: ${missing} in 'inputs' object.`);
  return tensors;
}
