import type { Lease } from "salver";
import { classify } from "../../core/serving/classify.js";
import { multiInference } from "../../core/serving/multi-inference.js";
import { regress } from "../../core/serving/regress.js";
import type { Runner } from "../../core/serving/runner.js";

/** What a lease makes of its `predict` for examples, for fakes of leases. */
export const exampleMethods = (runner: Runner): Pick<Lease, "classify" | "regress" | "multiInference"> => ({
  classify: (name, examples, options) => classify(runner, name, examples, options),
  regress: (name, examples, options) => regress(runner, name, examples, options),
  multiInference: (tasks, examples, options) => multiInference(runner, tasks, examples, options),
});
