import { fillEmptyRowsOp, sparseReshapeOp } from "../../steps/families/sparse.js";
import type { RuleContext, Rules } from "../rule.js";
import type { Value } from "../value.js";
import { none } from "./strings.js";

const certain = { certain: true } as const;

function reshape(c: RuleContext): readonly Value[] {
  const [indices, wanted] = [c.input(0), c.input(2)];
  const rank = wanted.shape?.length === 1 ? wanted.shape[0]! : -1;
  const names = c.host(sparseReshapeOp, none(), c.inputs);
  const moved = c.value(names[0]!, [-1, rank], certain);
  // Elements keep their order.
  return [indices.sparse ? { ...moved, sparse: true } : moved, c.value(names[1]!, [rank], { output: 1, ...certain })];
}

function fillEmptyRows(c: RuleContext): readonly Value[] {
  const names = c.host(fillEmptyRowsOp, none(), c.inputs);
  const shapes = [[-1, c.input(0).shape?.[1] ?? -1], [-1], [-1], [-1]];
  return shapes.map((shape, output) => c.value(names[output]!, shape, { output, ...certain }));
}

export const sparseRules: Rules = {
  SparseReshape: reshape,
  SparseFillEmptyRows: fillEmptyRows,
};
