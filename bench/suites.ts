import { batching } from "./batching/suite.js";
import type { Suite } from "./harness/suite.js";
import { lowering } from "./lowering/suite.js";

export const suites: readonly Suite[] = [batching, lowering];
