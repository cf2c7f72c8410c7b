import { invalidArgument } from "../errors.js";
import type { Example } from "../example.js";
import type { RunOptions } from "../frontend.js";
import type { InferenceResult, InferenceTask } from "../inference.js";
import { classifyBy } from "./classify.js";
import { classifyOutputs, regressOutput } from "./example-outputs.js";
import { regressBy } from "./regress.js";
import { type Runner, signatureName, signatureOf } from "./runner.js";

/**
 * Answers several questions about the same examples, on one version. Every task is checked before any runs; then each
 * signature runs once, all at the same time.
 * @throws ServingError INVALID_ARGUMENT
 */
export async function multiInference(
  runner: Runner,
  tasks: readonly InferenceTask[],
  examples: readonly Example[],
  options: Pick<RunOptions, "signal">,
): Promise<readonly InferenceResult[]> {
  const seen = new Set<string>();
  const plans = tasks.map(({ signature: asked, method }) => {
    const name = signatureName(asked);
    if (seen.has(name)) throw invalidArgument(`Duplicate evaluation of signature: ${name}`);
    seen.add(name);
    const signature = signatureOf(runner, name, "Requested signature not found in model graph");
    if (method === "classify") classifyOutputs(signature);
    else regressOutput(signature);
    return { name, signature, method };
  });
  if (examples.length === 0) throw invalidArgument("Input is empty.");
  return Promise.all(
    plans.map(async ({ name, signature, method }): Promise<InferenceResult> => {
      if (method === "regress") {
        return { method, signature: name, values: await regressBy(runner, name, signature, examples, options) };
      }
      return { method, signature: name, classes: await classifyBy(runner, name, signature, examples, options) };
    }),
  );
}
