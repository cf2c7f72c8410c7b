import { invalidArgument, unimplemented } from "../errors.js";
import type { Example } from "../example.js";
import type { RequestOptions } from "../frontend.js";
import { CLASSIFY_METHOD, type InferenceResult, type InferenceTask, REGRESS_METHOD } from "../inference.js";
import { classifyBy } from "./classify.js";
import { classifyOutputs, regressOutput } from "./example-outputs.js";
import { regressBy } from "./regress.js";
import { type Runner, signatureName, signatureOf } from "./runner.js";

/**
 * Answers several questions about the same examples, on one version. Every task is checked before any runs; then each
 * signature runs once, all at the same time.
 * @throws ServingError INVALID_ARGUMENT; UNIMPLEMENTED for a method that is neither Classify nor Regress
 */
export async function multiInference(
  runner: Runner,
  tasks: readonly InferenceTask[],
  examples: readonly Example[],
  options: RequestOptions,
): Promise<readonly InferenceResult[]> {
  const seen = new Set<string>();
  const plans = tasks.map(({ signature: asked, method }) => {
    const name = signatureName(asked);
    if (seen.has(name)) throw invalidArgument(`Duplicate evaluation of signature: ${name}`);
    seen.add(name);
    const signature = signatureOf(runner, name, "Requested signature not found in model graph");
    const classifies = method === CLASSIFY_METHOD;
    if (classifies) classifyOutputs(signature, runner.checkMethods);
    else if (method === REGRESS_METHOD) regressOutput(signature, runner.checkMethods);
    else throw unimplemented(`Unsupported signature method_name: ${method}`);
    return { name, signature, classifies };
  });
  if (examples.length === 0) throw invalidArgument("Input is empty.");
  return Promise.all(
    plans.map(async ({ name, signature, classifies }): Promise<InferenceResult> => {
      if (classifies) {
        const classes = await classifyBy(runner, name, signature, examples, options);
        return { method: "classify", signature: name, classes };
      }
      const values = await regressBy(runner, name, signature, examples, options);
      return { method: "regress", signature: name, values };
    }),
  );
}
