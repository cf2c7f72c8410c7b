import { elementCount, type Tensor, texts } from "../../../../../core/index.js";
import type { DensePlan, FeatureType, ParsePlan } from "../../parsing/plan.js";
import { parseExamplesOp } from "../../steps/families/parsing.js";
import type { Rule, RuleContext, Rules } from "../rule.js";
import type { Value } from "../value.js";

/** Where a node's inputs stand, which differs between the two operators. */
type Layout = { readonly sparse: readonly string[]; readonly dense: readonly string[]; readonly defaults: number };

const keys = (c: RuleContext, index: number) => texts(c.known(index, "the name of a feature"));

function oneKeyAnInput(c: RuleContext): Layout {
  const [sparse, dense] = [c.attrs.int("Nsparse"), c.attrs.int("Ndense")];
  const list = (first: number, count: number) => Array.from({ length: count }, (_, i) => keys(c, first + i)).flat();
  return { sparse: list(2, sparse), dense: list(2 + sparse, dense), defaults: 2 + sparse + dense };
}

function keysInLists(c: RuleContext): Layout {
  if (keys(c, 4).length > 0) c.refuse("ragged features are not carried over");
  return { sparse: keys(c, 2), dense: keys(c, 3), defaults: 5 };
}

function featureType(c: RuleContext, dtype: string | undefined): FeatureType {
  if (dtype === "float32" || dtype === "int64" || dtype === "string") return dtype;
  return c.refuse(`a feature is of type ${dtype}`);
}

/** Without the message or the file that it may be a view of, since plans are posted between threads. */
function owned({ dtype, shape, data }: Tensor): Tensor {
  const copy = dtype === "string" ? data.map((item) => Uint8Array.from(item)) : data.slice();
  return { dtype, shape, data: copy } as Tensor;
}

/** @throws Refusal for shapes and defaults that TensorFlow itself refuses */
function densePlan(c: RuleContext, key: string, shape: readonly number[] | null, given: Value): DensePlan {
  const dtype = featureType(c, given.dtype);
  const inner = shape?.slice(1) ?? [-1];
  const padded = shape?.[0] === -1;
  if (!shape || inner.includes(-1) || (padded && elementCount(inner) === 0)) {
    return c.refuse(`the feature "${key}" has the shape [${shape ?? "?"}]`);
  }
  const value = given.constant?.value() ?? c.refuse(`the default of "${key}" is computed while the model runs`);
  const count = elementCount(value.shape);
  if (padded ? count !== 1 : count !== 0 && count !== elementCount(shape)) {
    return c.refuse(`the default of "${key}" has ${count} values`);
  }
  return { key, dtype, shape, ...(count === 0 ? {} : { fallback: owned(value) }) };
}

/**
 * Outputs come in the order: indices, values and shapes of the sparse features, then the dense ones.
 */
const parse =
  (layoutOf: (c: RuleContext) => Layout): Rule =>
  (c) => {
    const examples = c.input(0);
    if (c.known(1, "the list of the examples' names").data.length > 0) c.refuse("it names the examples");
    const { sparse, dense, defaults } = layoutOf(c);
    const all = [...sparse, ...dense];
    const twice = all.find((key, i) => all.indexOf(key) !== i);
    if (twice !== undefined) c.refuse(`the feature "${twice}" is parsed twice`);
    const shapes = c.attrs.shapes("dense_shapes");
    const [n, types] = [sparse.length, c.dtypes];
    if (types.length !== 3 * n + dense.length || shapes.length !== dense.length) c.refuse("its lists differ in length");

    const plan: ParsePlan = {
      source: examples.input === undefined ? `what ${c.node.name} parses` : `input "${examples.input}"`,
      sparse: sparse.map((key, i) => ({ key, dtype: featureType(c, types[n + i]) })),
      dense: dense.map((key, i) => densePlan(c, key, shapes[i]!, c.input(defaults + i))),
    };
    const names = c.host(parseExamplesOp, plan, [examples]);
    const result = (output: number, shape: readonly number[]) =>
      c.value(names[output]!, shape, { output, certain: true });
    return [
      ...sparse.map((_, i): Value => ({ ...result(i, [-1, 2]), sparse: true })),
      ...sparse.map((_, i) => result(n + i, [-1])),
      ...sparse.map((_, i) => result(2 * n + i, [2])),
      ...plan.dense.map(({ shape }, i) => result(3 * n + i, [-1, ...shape])),
    ];
  };

/** Only of what examples hold: other indices TensorFlow checks, and ONNX would take some that it refuses. */
function sparseToDense(c: RuleContext): Value {
  const [indices, shape, values, fallback] = [c.input(0), c.input(1), c.input(2), c.input(3)];
  if (!indices.sparse) c.refuse("its indices are not those of a feature");
  if (fallback.shape?.length !== 0) c.refuse("its default is no scalar");
  const size = shape.dtype === "int64" ? c.plain(shape) : c.emit("Cast", [shape], { to: c.onnxType("int64") });
  const empty = c.emit("Expand", [fallback, size]);
  return c.value(c.emit("ScatterND", [empty, indices, values]), [-1, -1]);
}

export const parsingRules: Rules = {
  ParseExample: parse(oneKeyAnInput),
  ParseExampleV2: parse(keysInLists),
  SparseToDense: sparseToDense,
};
