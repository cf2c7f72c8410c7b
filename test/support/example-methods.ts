import { type Lease, unimplemented } from "salver";
import { classify } from "../../core/serving/classify.js";
import { multiInference } from "../../core/serving/multi-inference.js";
import { regress } from "../../core/serving/regress.js";
import type { Runner } from "../../core/serving/runner.js";

type Methods = Pick<Lease, "classify" | "regress" | "multiInference" | "runSession">;

/** What a lease makes of its `predict` for examples, for fakes of leases; a fake has no graph of named tensors. */
export const exampleMethods = (runner: Runner): Methods => ({
  classify: (name, examples, options) => classify(runner, name, examples, options),
  regress: (name, examples, options) => regress(runner, name, examples, options),
  multiInference: (tasks, examples, options) => multiInference(runner, tasks, examples, options),
  runSession: async () => {
    throw unimplemented("a fake has no graph");
  },
});
