import { type DType, elementCount, type Tensor, tensor } from "../../../../core/index.js";
import { integers } from "./builder.js";
import { type Constant, constantOf } from "./constant.js";
import { masksOf } from "./families/slicing.js";
import type { RuleContext } from "./rule.js";
import { rangeOf, stepsOf } from "./strided-slice.js";
import type { Value } from "./value.js";

/**
 * Constants that are computed from constants. ONNX Runtime folds what it can by itself; here only what rules ask for is
 * folded, which are small lists of integers: shapes, axes, permutations, and what is asked of them.
 */
type Fold = (c: RuleContext, items: readonly (readonly number[])[]) => Constant | undefined;

const MOST_ITEMS = 4096;
type Index = "int32" | "int64";
const isFolded = (dtype: DType | undefined): boolean => isIndex(dtype) || dtype === "bool";
const isIndex = (dtype: DType | undefined): dtype is Index => dtype === "int32" || dtype === "int64";

/** Truth is 1 and 0 here. */
function list(c: RuleContext, values: number | readonly number[]): Constant {
  if (c.dtypes[0] !== "bool") return integers(values, c.dtypes[0] as Index);
  const items = typeof values === "number" ? [values] : values;
  return constantOf(tensor("bool", typeof values === "number" ? [] : [items.length], Uint8Array.from(items)));
}

/** Both of one length, or one of them a scalar. */
const pairwise =
  (apply: (x: number, y: number) => number): Fold =>
  (c, [x = [], y = []]) => {
    if (x.length !== y.length && Math.min(x.length, y.length) !== 1) return undefined;
    const shapes = c.inputs.map((value) => value.shape?.length);
    const results = (x.length >= y.length ? x : y).map((_, i) =>
      apply(x[x.length === 1 ? 0 : i] ?? Number.NaN, y[y.length === 1 ? 0 : i] ?? Number.NaN),
    );
    if (Math.max(...shapes.map((rank) => rank ?? 2)) > 1 || !results.every(Number.isSafeInteger)) return undefined;
    return list(c, shapes.every((rank) => rank === 0) ? results[0]! : results);
  };

const comparing = (holds: (x: number, y: number) => boolean) => pairwise((x, y) => Number(holds(x, y)));

const folds: Readonly<Record<string, Fold>> = {
  Pack: (c, items) => (c.inputs.every((value) => value.shape?.length === 0) ? list(c, items.flat()) : undefined),
  ConcatV2: (c, items) =>
    c.inputs.slice(0, -1).every((value) => value.shape?.length === 1) ? list(c, items.slice(0, -1).flat()) : undefined,
  Cast: (c, [x = []]) => withShape(list(c, x), c.input(0)),
  Range: (c, [[start = 0] = [], [limit = 0] = [], [delta = 0] = []]) => {
    const count = delta === 0 ? Number.NaN : Math.max(0, Math.ceil((limit - start) / delta));
    return count <= MOST_ITEMS
      ? list(
          c,
          Array.from({ length: count }, (_, i) => start + i * delta),
        )
      : undefined;
  },
  StridedSlice: (c, [x = [], begin = [], end = [], strides = []]) => {
    if (c.input(0).shape?.length !== 1) return undefined;
    const step = stepsOf(begin, end, strides, masksOf(c))?.[0];
    if (begin.length !== 1 || step === undefined) return undefined;
    if (step.kind === "range")
      return list(
        c,
        rangeOf(step, x.length).map((i) => x[i]!),
      );
    const item = step.kind === "index" ? x[step.at < 0 ? step.at + x.length : step.at] : undefined;
    return item === undefined ? undefined : list(c, item);
  },
  GatherV2: (c, [x = [], at = []]) => {
    const items = at.map((i) => x[i]);
    const plain = c.input(0).shape?.length === 1 && items.every((item) => item !== undefined);
    return plain && c.attrs.int("batch_dims", 0) === 0 ? withShape(list(c, items as number[]), c.input(1)) : undefined;
  },
  Prod: (c, [x = [], axes = []]) =>
    c.input(0).shape?.length === 1 && axes.length === 1 && !c.attrs.flag("keep_dims", false)
      ? list(
          c,
          x.reduce((product, each) => product * each, 1),
        )
      : undefined,
  Neg: (c, [x = []]) =>
    withShape(
      list(
        c,
        x.map((each) => 0 - each),
      ),
      c.input(0),
    ),
  AddV2: pairwise((x, y) => x + y),
  Add: pairwise((x, y) => x + y),
  Sub: pairwise((x, y) => x - y),
  Mul: pairwise((x, y) => x * y),
  Maximum: pairwise(Math.max),
  Minimum: pairwise(Math.min),
  Less: comparing((x, y) => x < y),
  LessEqual: comparing((x, y) => x <= y),
  Greater: comparing((x, y) => x > y),
  GreaterEqual: comparing((x, y) => x >= y),
  Equal: comparing((x, y) => x === y),
  NotEqual: comparing((x, y) => x !== y),
  LogicalAnd: comparing((x, y) => x + y === 2),
  LogicalOr: comparing((x, y) => x + y > 0),
  LogicalNot: (c, [x = []]) =>
    withShape(
      list(
        c,
        x.map((each) => 1 - each),
      ),
      c.input(0),
    ),
  Max: (c, [x = [], axes = []]) =>
    x.length > 0 && c.input(0).shape?.length === axes.length && !c.attrs.flag("keep_dims", false)
      ? list(c, Math.max(...x))
      : undefined,
  All: (c, [x = [], axes = []]) =>
    c.input(0).shape?.length === axes.length && !c.attrs.flag("keep_dims", false)
      ? list(c, Math.min(1, ...x))
      : undefined,
  FloorDiv: pairwise((x, y) => Math.floor(x / y)),
  FloorMod: pairwise((x, y) => x - y * Math.floor(x / y)),
};

/** The constant's items in the shape of `like`. */
function withShape(constant: Constant, like: Value): Constant {
  const { dtype, data } = constant.value() as Tensor & { dtype: Index | "bool" };
  return constantOf(tensor(dtype, like.shape ?? constant.shape, data as never) as Tensor);
}

/** Sizes that are known although the tensor is not: shapes of weights, lists put together out of such. */
function fromShape(c: RuleContext): Constant | undefined {
  const { shape, from } = c.inputs[0] ?? {};
  if (!shape || from?.size !== 0 || !isIndex(c.dtypes[0])) return undefined;
  if (c.node.op === "Rank") return list(c, shape.length);
  if (shape.includes(-1)) return undefined;
  if (c.node.op === "Shape") return list(c, shape);
  return c.node.op === "Size" ? list(c, elementCount(shape)) : undefined;
}

/** The node's only output where it is known before the model runs and small; undefined where it is left to run. */
export function fold(c: RuleContext): Value | undefined {
  const constant = fromShape(c) ?? folded(c);
  return constant && c.result(constant);
}

function folded(c: RuleContext): Constant | undefined {
  const rule = folds[c.node.op];
  if (!rule || !isFolded(c.dtypes[0])) return undefined;
  const items: number[][] = [];
  for (const { constant } of c.inputs) {
    if (!constant || !isFolded(constant.dtype) || elementCount(constant.shape) > MOST_ITEMS) return undefined;
    items.push(Array.from(constant.value().data as Int32Array | BigInt64Array | Uint8Array, Number));
  }
  return rule(c, items);
}
