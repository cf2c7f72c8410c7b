import { askingFor } from "../asking-for.js";
import { invalidArgument } from "../errors.js";
import type { Example } from "../example.js";
import type { RequestOptions } from "../frontend.js";
import { formatShape, type Signature } from "../signature.js";
import type { Tensor } from "../tensor.js";
import { regressOutput } from "./example-outputs.js";
import { inputsOf } from "./examples.js";
import { type Runner, signatureName, signatureOf, UNKNOWN } from "./runner.js";
import { dataTypeName } from "./type-names.js";

/** @throws ServingError INVALID_ARGUMENT */
export async function regress(
  runner: Runner,
  name: string,
  examples: readonly Example[],
  options: RequestOptions,
): Promise<Float32Array> {
  const asked = signatureName(name);
  return regressBy(runner, asked, signatureOf(runner, asked, UNKNOWN), examples, options);
}

export async function regressBy(
  runner: Runner,
  name: string,
  signature: Signature,
  examples: readonly Example[],
  options: RequestOptions,
): Promise<Float32Array> {
  const output = regressOutput(signature, runner.checkMethods);
  const inputs = await inputsOf(signature, examples, options.signal);
  const result = await runner.predict(name, inputs, askingFor([output], options));
  return valuesOf(result[output], examples.length);
}

function valuesOf(tensor: Tensor | undefined, batch: number): Float32Array {
  const [rows, width = 1, ...more] = tensor?.shape ?? [];
  if (tensor === undefined || rows === undefined || width !== 1 || more.length > 0) {
    throw invalidArgument(
      `Expected output Tensor shape to be either [batch_size] or [batch_size, 1] but got ` +
        formatShape(tensor?.shape ?? null),
    );
  }
  if (rows !== batch) {
    throw invalidArgument(`Input batch size did not match output batch size: ${batch} vs. ${rows}`);
  }
  if (tensor.dtype !== "float32") {
    throw invalidArgument(`Expected output Tensor of DT_FLOAT.  Got: ${dataTypeName(tensor.dtype)}`);
  }
  return tensor.data;
}
