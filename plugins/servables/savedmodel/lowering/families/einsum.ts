import type { RuleContext, Rules } from "../rule.js";
import type { Value } from "../value.js";

/** An equation's labels, a list for each operand and one for the result. */
type Equation = { readonly operands: readonly string[]; readonly result: string };

function equationOf(c: RuleContext): Equation {
  const text = c.attrs.text("equation").replaceAll(" ", "");
  const [left, result, ...more] = text.split("->");
  if (left === undefined || result === undefined || more.length > 0) return c.refuse(`its equation is "${text}"`);
  const operands = left.split(",");
  if (operands.length !== c.inputs.length) c.refuse(`its equation "${text}" is not for ${c.inputs.length} operands`);
  return { operands, result };
}

/** Sizes by label, -1 where one is only known when the model runs. */
function sizesOf(c: RuleContext, { operands }: Equation): ReadonlyMap<string, number> {
  const sizes = new Map<string, number>();
  for (const [i, labels] of operands.entries()) {
    const { shape } = c.input(i);
    for (const [d, label] of [...labels].entries()) {
      const known = sizes.get(label) ?? -1;
      sizes.set(label, known === -1 ? (shape?.[d] ?? -1) : known);
    }
  }
  return sizes;
}

/** How the labels of two operands take part in a product of matrices. */
type Roles = {
  readonly batch: readonly string[];
  readonly summed: readonly string[];
  readonly left: readonly string[];
  readonly right: readonly string[];
};

/** undefined where the equation is more than a product: a label twice in one operand, or summed over in one alone. */
function rolesOf([x, y]: readonly string[], result: string): Roles | undefined {
  if (x === undefined || y === undefined) return undefined;
  const all = [x, y, result];
  if (all.some((labels) => labels.includes(".") || new Set(labels).size !== labels.length)) return undefined;
  const stays = (label: string) => result.includes(label);
  const [left, right] = [[...x].filter((label) => !y.includes(label)), [...y].filter((label) => !x.includes(label))];
  if (![...left, ...right].every(stays)) return undefined;
  const shared = [...x].filter((label) => y.includes(label));
  return { batch: shared.filter(stays), summed: shared.filter((label) => !stays(label)), left, right };
}

function transposed(c: RuleContext, name: string, from: string, to: string): string {
  return from === to ? name : c.emit("Transpose", [name], { perm: [...to].map((label) => from.indexOf(label)) });
}

/** A layer of weights: the last dimensions of one operand against the first of the other, whose sizes are all known. */
function dense(c: RuleContext, equation: Equation, roles: Roles, sizes: ReadonlyMap<string, number>) {
  const { batch, summed, left, right } = roles;
  const [x, y] = equation.operands;
  const [ends, starts] = [left.join("") + summed.join(""), summed.join("") + right.join("")];
  const known = [...summed, ...right].map((label) => sizes.get(label)!);
  const fits = batch.length === 0 && x === ends && y === starts && equation.result === left.join("") + right.join("");
  if (!fits || summed.length === 0 || !known.every((size) => size > 0)) return undefined;
  const product = (labels: readonly string[]) => labels.reduce((all, label) => all * sizes.get(label)!, 1);
  // 0 keeps the size that stands in its place.
  const kept = left.map(() => 0);
  const rows = summed.length === 1 ? c.input(0) : c.emit("Reshape", [c.input(0), c.int64([...kept, product(summed)])]);
  const weights = c.emit("Reshape", [c.input(1), c.int64([product(summed), product(right)])]);
  const name = c.emit("MatMul", [rows, weights]);
  if (right.length === 1) return name;
  return c.emit("Reshape", [name, c.int64([...kept, ...right.map((label) => sizes.get(label)!)])]);
}

/** Stacks of matrices, as between the heads of attention. */
function stacked(c: RuleContext, { operands, result }: Equation, { batch, summed, left, right }: Roles) {
  if (summed.length !== 1 || left.length !== 1 || right.length !== 1) return undefined;
  const [x, y] = operands as [string, string];
  const stack = [...result].filter((label) => batch.includes(label)).join("");
  const [rows, columns] = [left[0]!, right[0]!];
  const isTurned = result.indexOf(columns) < result.indexOf(rows);
  const [first, second] = isTurned ? [y, x] : [x, y];
  const [a, b] = (isTurned ? [1, 0] : [0, 1]).map((i) => c.plain(c.input(i))) as [string, string];
  const [from, to] = isTurned ? [columns, rows] : [rows, columns];
  const product = c.emit("MatMul", [
    transposed(c, a, first, stack + from + summed[0]),
    transposed(c, b, second, stack + summed[0] + to),
  ]);
  return transposed(c, product, stack + from + to, result);
}

/** Products of matrices where the equation is one, which ONNX Runtime computes faster; its own Einsum for all else. */
function einsum(c: RuleContext): Value {
  const equation = equationOf(c);
  const { operands, result } = equation;
  const sizes = sizesOf(c, equation);
  const hasRanks = operands.every((labels, i) => !labels.includes(".") && c.input(i).shape !== null);
  const shape = hasRanks ? [...result].map((label) => sizes.get(label) ?? -1) : null;
  if (hasRanks) for (const [i, labels] of operands.entries()) c.requireRank(c.input(i), labels.length);
  const roles = hasRanks ? rolesOf(operands, result) : undefined;
  const product = roles && (dense(c, equation, roles, sizes) ?? stacked(c, equation, roles));
  return c.value(product ?? c.emit("Einsum", c.inputs, { equation: `${operands.join(",")}->${result}` }), shape);
}

export const einsumRules: Rules = { Einsum: einsum };
