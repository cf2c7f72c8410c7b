import { batching } from "./batching/suite.js";
import { embedding } from "./embedding/suite.js";
import type { Suite } from "./harness/suite.js";
import { lowering } from "./lowering/suite.js";
import { transform } from "./transform/suite.js";
import { vocabulary } from "./vocabulary/suite.js";

export const suites: readonly Suite[] = [batching, lowering, vocabulary, transform, embedding];
