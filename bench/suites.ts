import { batching } from "./batching/suite.js";
import { goals } from "./goals/suite.js";
import type { Suite } from "./harness/suite.js";
import { lowering } from "./lowering/suite.js";
import { peers } from "./peers/suite.js";

import { server } from "./server/suite.js";

export const suites: readonly Suite[] = [batching, lowering, peers, server, goals];
