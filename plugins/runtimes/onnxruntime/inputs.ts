import {
  elementCount,
  formatShape,
  invalidArgument,
  layouts,
  type Tensor,
  type TensorSpec,
  type Tensors,
} from "../../../core/index.js";

type Specs = Readonly<Record<string, TensorSpec>>;

/**
 * Checks what the native side takes on trust: names, dtypes, and that the data is as long as the shape says.
 * Shapes against the model's are the runtime's to judge.
 * @throws INVALID_ARGUMENT
 */
export function checkInputs(inputs: Tensors, specs: Specs): void {
  for (const name in inputs) {
    const tensor = inputs[name]!;
    const spec = Object.hasOwn(specs, name) ? specs[name] : undefined;
    if (!spec) throw invalidArgument(`the model has no input "${name}"; its inputs are ${list(specs)}`);
    if (tensor.dtype !== spec.dtype) {
      throw invalidArgument(`input "${name}" takes ${spec.dtype} ${formatShape(spec.shape)}, got ${tensor.dtype}`);
    }
    checkLength(`input "${name}"`, tensor);
  }
  for (const name in specs) {
    const spec = specs[name]!;
    if (!spec.optional && !Object.hasOwn(inputs, name)) {
      throw invalidArgument(`input "${name}" is missing: ${spec.dtype} ${formatShape(spec.shape)}`);
    }
  }
}

function checkLength(what: string, { dtype, shape, data }: Tensor): void {
  const valid = shape.every((size) => Number.isSafeInteger(size) && size >= 0);
  const wanted = elementCount(shape) * (dtype === "string" ? 1 : layouts[dtype].items);
  if (!valid || data.length !== wanted) {
    throw invalidArgument(`${what} has the shape ${formatShape(shape)} and ${data.length} items`);
  }
}

/** The names to fetch: `asked`, or all outputs when none is asked for. @throws INVALID_ARGUMENT for one the model has not */
export function checkOutputs(asked: readonly string[], specs: Specs): readonly string[] {
  if (asked.length === 0) return Object.keys(specs);
  for (const name of asked) {
    if (!Object.hasOwn(specs, name))
      throw invalidArgument(`the model has no output "${name}"; its outputs are ${list(specs)}`);
  }
  return asked;
}

/** Checks memory that outputs are to be written to, as the native side takes it on trust. @throws INVALID_ARGUMENT */
export function checkMemory(into: Tensors, specs: Specs): Tensors {
  checkOutputs(Object.keys(into), specs);
  for (const [name, tensor] of Object.entries(into)) {
    const { dtype } = specs[name]!;
    if (tensor.dtype !== dtype || dtype === "string") {
      throw invalidArgument(`output "${name}" is ${dtype}, which cannot be written to ${tensor.dtype}`);
    }
    checkLength(`the memory for output "${name}"`, tensor);
  }
  return into;
}

const list = (specs: Specs) => Object.keys(specs).join(", ") || "none";
