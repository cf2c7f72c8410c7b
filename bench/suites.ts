import { batching } from "./batching/suite.js";
import type { Suite } from "./harness/suite.js";

export const suites: readonly Suite[] = [batching];
