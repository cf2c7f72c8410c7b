import { askingFor } from "../asking-for.js";
import { invalidArgument } from "../errors.js";
import type { Example } from "../example.js";
import type { RequestOptions } from "../frontend.js";
import type { Classes } from "../inference.js";
import { formatShape, type Signature } from "../signature.js";
import type { DType, Tensor, TensorOf } from "../tensor.js";
import { classifyOutputs } from "./example-outputs.js";
import { inputsOf } from "./examples.js";
import { type Runner, signatureName, signatureOf, UNKNOWN } from "./runner.js";
import { dataTypeName } from "./type-names.js";

/** @throws ServingError INVALID_ARGUMENT */
export async function classify(
  runner: Runner,
  name: string,
  examples: readonly Example[],
  options: RequestOptions,
): Promise<readonly Classes[]> {
  const asked = signatureName(name);
  return classifyBy(runner, asked, signatureOf(runner, asked, UNKNOWN), examples, options);
}

export async function classifyBy(
  runner: Runner,
  name: string,
  signature: Signature,
  examples: readonly Example[],
  options: RequestOptions,
): Promise<readonly Classes[]> {
  const { classes, scores } = classifyOutputs(signature, runner.checkMethods);
  const inputs = await inputsOf(signature, examples, options.signal);
  const outputs = [classes, scores].filter((output) => output !== undefined);
  const result = await runner.predict(name, inputs, askingFor(outputs, options));
  const labels = classes === undefined ? undefined : checked("classes", "string", result[classes], examples.length);
  const values = scores === undefined ? undefined : checked("scores", "float32", result[scores], examples.length);
  return classesOf(labels, values, examples.length);
}

/** An output as `[batch, classes]`. */
function checked<D extends DType>(what: string, dtype: D, tensor: Tensor | undefined, batch: number): TensorOf<D> {
  if (tensor?.shape.length !== 2) {
    const shape = formatShape(tensor?.shape ?? null);
    throw invalidArgument(`Expected Tensor shape: [batch_size num_classes] but got ${shape}`);
  }
  if (tensor.dtype !== dtype) {
    throw invalidArgument(`Expected ${what} Tensor of ${dataTypeName(dtype)}. Got: ${dataTypeName(tensor.dtype)}`);
  }
  if (tensor.shape[0] !== batch) {
    throw invalidArgument(`Expected ${what} output batch size of ${batch}. Got: ${tensor.shape[0]}`);
  }
  return tensor as TensorOf<DType> as TensorOf<D>;
}

const nameless = new Uint8Array();

function classesOf(
  labels: TensorOf<"string"> | undefined,
  scores: TensorOf<"float32"> | undefined,
  batch: number,
): readonly Classes[] {
  const width = (labels ?? scores)?.shape[1] ?? 0;
  if (labels && scores && scores.shape[1] !== width) {
    throw invalidArgument(`Tensors class and score should match in dim_size(1). Got ${width} vs. ${scores.shape[1]}`);
  }
  return Array.from({ length: batch }, (_, row) =>
    Array.from({ length: width }, (_, column) => {
      const at = row * width + column;
      return { label: labels?.data[at] ?? nameless, score: scores?.data[at] ?? 0 };
    }),
  );
}
