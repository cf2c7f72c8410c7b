import type { Scope } from "../graph/graph.js";
import type { Node } from "../graph/node.js";
import { usedInputs } from "../graph/reach.js";
import { isTable } from "../graph/tables.js";
import { isVariable } from "../graph/variables.js";
import { type Obstacle, obstacleAt } from "./refusal.js";

/** Operators without tensors of their own that never stand in the way. */
const SILENT = new Set(["NoOp", "Const", "Placeholder", "_Arg"]);
/** Operators that only touch state to read it, and may run or not; and what prints to the server's own log. */
const HARMLESS = new Set([
  "ReadVariableOp",
  "VarIsInitializedOp",
  "DisableCopyOnRead",
  "PrintV2",
  "LookupTableFindV2",
  "LookupTableSizeV2",
]);
/** Operators whose effect can be carried over: that an answer becomes an error. What is inside branches is seen there. */
const CARRIED = new Set([
  "Assert",
  "If",
  "StatelessIf",
  "Case",
  "StatelessCase",
  "While",
  "StatelessWhile",
  "WhileContext",
  "CondContext",
]);

/** What runs for its effect, with what that takes, in the order it runs; and what has an effect that ONNX cannot have. */
export function effectsOf(
  scope: Scope,
  forced: readonly Node[],
  hasRule: (op: string) => boolean,
): { readonly carried: readonly Node[]; readonly obstacles: readonly Obstacle[] } {
  const obstacles = forced
    .filter(
      (node) =>
        !SILENT.has(node.op) && !HARMLESS.has(node.op) && !CARRIED.has(node.op) && !isVariable(node) && !isTable(node),
    )
    .filter((node) => node.opDef?.isStateful ?? !hasRule(node.op))
    .map((node) => obstacleAt(node, "it runs for its effect, which cannot be carried over"));
  const needed = new Set(forced.filter(({ op }) => CARRIED.has(op)));
  for (const node of forced.toReversed()) {
    if (needed.has(node)) for (const input of usedInputs(scope, node)) needed.add(input.node);
  }
  return { carried: forced.filter((node) => needed.has(node)), obstacles };
}
