import { unless } from "../checked.js";
import type { Rule, RuleContext, Rules } from "../rule.js";
import { asInt64, asList, joinLeading, shapeList, sizeOf } from "../sizes.js";
import type { Value } from "../value.js";
import { withoutNegative } from "./gathering.js";
import { filledWith, type Reduction, scatterRows } from "./scattering.js";

const FAR = 2 ** 31 - 1;

/** What a segment without rows starts from, as TensorFlow has it. */
function start(c: RuleContext, reduction: Reduction): number {
  const dtype = c.dtypes[0]!;
  if (reduction === "add") return 0;
  if (reduction === "mul") return 1;
  const limits: Readonly<Record<string, readonly [number, number]>> = {
    float32: [-3.4028234663852886e38, 3.4028234663852886e38],
    float64: [-Number.MAX_VALUE, Number.MAX_VALUE],
    int32: [-(2 ** 31), 2 ** 31 - 1],
    int16: [-(2 ** 15), 2 ** 15 - 1],
    int8: [-128, 127],
    uint8: [0, 255],
  };
  const [least, most] = limits[dtype] ?? c.refuse(`it looks for extremes in ${dtype}`);
  return reduction === "max" ? least : most;
}

/** `rows` summed, or otherwise reduced, by segment: `ids` is an int64 list with one number a row, -1 for rows left out. */
function bySegment(
  c: RuleContext,
  rows: string,
  rank: number,
  ids: string,
  count: string,
  reduction: Reduction,
  empty: number,
): string {
  // Rows left out go to one more segment at the end.
  const kept = c.emit("Where", [c.emit("Less", [ids, c.int64(0)]), count, ids]);
  const inner = c.emit("Slice", [c.emit("Shape", [rows]), c.int64([1]), c.int64([FAR])]);
  const all = c.emit("Concat", [c.emit("Add", [count, c.int64([1])]), inner], { axis: 0 });
  const reduced = scatterRows(c, filledWith(c, all, c.dtypes[0]!, empty), kept, rows, reduction, rank);
  return c.emit("Slice", [reduced, c.int64([0]), count, c.int64([0])]);
}

const unsorted =
  (reduction: Reduction): Rule =>
  (c) => {
    const [data, ids] = [c.input(0), c.input(1)];
    const lead = c.requireRank(ids);
    const rank = c.requireRank(data) - lead + 1;
    if (lead === 0) return c.refuse("its segments are one number");
    const count = asList(c, c.input(2));
    const flat = c.emit("Reshape", [asInt64(c, ids), c.int64([-1])]);
    const safe = unless(c, c.emit("GreaterOrEqual", [flat, count]), flat);
    const name = bySegment(c, joinLeading(c, data, lead), rank, safe, count, reduction, start(c, reduction));
    return c.value(name, [-1, ...data.shape!.slice(lead)]);
  };

/** The segments of a sorted list of them, and how many there are; an error where they are not sorted. */
function sortedIds(c: RuleContext, ids: Value): { readonly ids: string; readonly count: string } {
  c.requireRank(ids, 1);
  const given = asInt64(c, ids);
  const before = c.emit("Concat", [c.int64([0]), c.emit("Slice", [given, c.int64([0]), c.int64([-1])])], { axis: 0 });
  const heads = c.emit("Slice", [before, c.int64([0]), c.emit("Shape", [given])]);
  const safe = unless(c, c.emit("Less", [given, heads]), given);
  const last = c.emit("ReduceMax", [c.emit("Concat", [c.int64([-1]), safe], { axis: 0 })], { keepdims: 1 });
  return { ids: safe, count: c.emit("Add", [last, c.int64([1])]) };
}

/** How many rows each segment has, in the result's dtype and as a column beside rows of that rank. */
function rowCounts(c: RuleContext, ids: string, count: string, rank: number): string {
  const ones = filledWith(c, c.emit("Shape", [ids]), c.dtypes[0]!, 1);
  const counts = bySegment(c, ones, 1, ids, count, "add", 0);
  const columns = Array.from({ length: rank - 1 }, (_, d) => d + 1);
  return columns.length > 0 ? c.emit("Unsqueeze", [counts, c.int64(columns)]) : counts;
}

type Finish = (c: RuleContext, reduced: string, counts: () => string) => string;
const asIs: Finish = (_, reduced) => reduced;
const some = (c: RuleContext, counts: string) => c.emit("Max", [counts, c.scalar(c.dtypes[0]!, 1)]);
const average: Finish = (c, sum, counts) => c.emit("Div", [sum, some(c, counts())]);
const byRoot: Finish = (c, sum, counts) => c.emit("Div", [sum, c.emit("Sqrt", [some(c, counts())])]);
/** Of sorted segments those without rows are 0. */
const orZero: Finish = (c, best, counts) => {
  const zero = c.scalar(c.dtypes[0]!, 0);
  return c.emit("Where", [c.emit("Equal", [counts(), zero]), zero, best]);
};

const sorted =
  (reduction: Reduction, finish: Finish = asIs): Rule =>
  (c) => {
    const data = c.input(0);
    const rank = c.requireRank(data);
    const { ids, count } = sortedIds(c, c.input(1));
    const reduced = bySegment(c, c.plain(data), rank, ids, count, reduction, start(c, reduction));
    const name = finish(c, reduced, () => rowCounts(c, ids, count, rank));
    return c.value(name, [-1, ...data.shape!.slice(1)]);
  };

/** Segments of rows that are picked from a table first. */
const sparse =
  (finish: Finish, counted: boolean): Rule =>
  (c) => {
    const [data, indices] = [c.input(0), c.input(1)];
    if (c.attrs.flag("sparse_gradient", false)) c.refuse("its gradient is sparse");
    const rank = c.requireRank(data);
    c.requireRank(indices, 1);
    const segments = sortedIds(c, c.input(2));
    const count = counted ? asList(c, c.input(3)) : segments.count;
    const over = c.emit("Greater", [segments.count, count]);
    const ids = counted ? unless(c, over, segments.ids) : segments.ids;
    const rows = c.emit("Gather", [data, withoutNegative(c, indices, rowsOf(c, data, indices))]);
    const sums = bySegment(c, rows, rank, ids, count, "add", 0);
    return c.value(
      finish(c, sums, () => rowCounts(c, ids, count, rank)),
      [-1, ...data.shape!.slice(1)],
    );
  };

const rowsOf = (c: RuleContext, data: Value, like: Value) =>
  c.emit("Cast", [sizeOf(c, data, 0)], { to: c.onnxType(like.dtype) });

/** How often each number below `size` occurs, or the sum of the weights it occurs with; others are left out. */
function bincount(c: RuleContext, binary: boolean): Value {
  const [values, weights] = [c.input(0), c.input(2)];
  const rank = c.requireRank(values, ...(c.node.op === "DenseBincount" ? [1, 2] : []));
  const size = asList(c, c.input(1));
  const given = asInt64(c, values);
  const safe = unless(c, c.emit("Less", [given, c.int64(0)]), given);
  const dropped = c.emit("Where", [c.emit("GreaterOrEqual", [safe, size]), size, safe]);
  const [ids, axis] = rank === 2 && c.node.op === "DenseBincount" ? [dropped, 1] : [flatten(c, dropped), 0];
  const items = c.emit("Shape", [ids]);
  const weighted = !binary && weights.shape?.length === rank && weights.shape[0] !== 0;
  if (weights.shape === null || (!weighted && !binary && weights.shape[0] !== 0)) {
    return c.refuse(`its weights have the shape [${weights.shape}]`);
  }
  const each = weighted ? c.emit("Reshape", [weights, items], { allowzero: 1 }) : filledWith(c, items, c.dtypes[0]!, 1);
  const width = c.emit("Add", [size, c.int64([1])]);
  const shape = axis === 1 ? shapeList(c, [c.emit("Gather", [items, c.int64([0])]), width]) : width;
  const empty = filledWith(c, shape, c.dtypes[0]!, 0);
  const counts = c.emit("ScatterElements", [empty, ids, each], { axis, reduction: binary ? "max" : "add" });
  return c.value(c.emit("Slice", [counts, c.int64([0]), size, c.int64([axis])]), axis === 1 ? [-1, -1] : [-1]);
}

const flatten = (c: RuleContext, name: string) => c.emit("Reshape", [name, c.int64([-1])]);

export const segmentRules: Rules = {
  UnsortedSegmentSum: unsorted("add"),
  UnsortedSegmentProd: unsorted("mul"),
  UnsortedSegmentMax: unsorted("max"),
  UnsortedSegmentMin: unsorted("min"),
  SegmentSum: sorted("add"),
  SegmentMean: sorted("add", average),
  SegmentProd: sorted("mul"),
  SegmentMax: sorted("max", orZero),
  SegmentMin: sorted("min", orZero),
  SparseSegmentSum: sparse(asIs, false),
  SparseSegmentMean: sparse(average, false),
  SparseSegmentSqrtN: sparse(byRoot, false),
  SparseSegmentSumWithNumSegments: sparse(asIs, true),
  SparseSegmentMeanWithNumSegments: sparse(average, true),
  SparseSegmentSqrtNWithNumSegments: sparse(byRoot, true),
  Bincount: (c) => bincount(c, false),
  DenseBincount: (c) => bincount(c, c.attrs.flag("binary_output", false)),
};
