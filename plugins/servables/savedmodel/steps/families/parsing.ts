import { parseExamples } from "../../parsing/parse-examples.js";
import type { ParsePlan } from "../../parsing/plan.js";
import type { HostOp } from "../host-op.js";

/** ParseExample and ParseExampleV2. */
export const parseExamplesOp: HostOp<ParsePlan> = {
  name: "ParseExample",
  open:
    (plan) =>
    ([serialized], pace, wanted) =>
      parseExamples(plan, serialized, pace, wanted),
};
