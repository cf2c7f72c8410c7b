import { batching } from "./batching/suite.js";
import { codecs } from "./codecs/suite.js";
import { embedding } from "./embedding/suite.js";
import { engines } from "./engines/suite.js";
import { goals } from "./goals/suite.js";
import type { Suite } from "./harness/suite.js";
import { lowering } from "./lowering/suite.js";
import { peers } from "./peers/suite.js";
import { server } from "./server/suite.js";
import { sourceTable } from "./table/suite.js";
import { transform } from "./transform/suite.js";
import { vocabulary } from "./vocabulary/suite.js";

export const suites: readonly Suite[] = [
  codecs,
  engines,
  lowering,
  batching,
  vocabulary,
  transform,
  embedding,
  server,
  peers,
  sourceTable,
  goals,
];
