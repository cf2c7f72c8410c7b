import { unless } from "../checked.js";
import type { RuleContext, Rules } from "../rule.js";
import { asInt64, shapeList } from "../sizes.js";
import { isWhole, type Masks, rangeOf, type Step, slicedShape, stepsOf } from "../strided-slice.js";
import type { Value } from "../value.js";

const FAR = 2 ** 31 - 1;

export function masksOf(c: Pick<RuleContext, "attrs">): Masks {
  return {
    begin: c.attrs.int("begin_mask", 0),
    end: c.attrs.int("end_mask", 0),
    ellipsis: c.attrs.int("ellipsis_mask", 0),
    newAxis: c.attrs.int("new_axis_mask", 0),
    shrinkAxis: c.attrs.int("shrink_axis_mask", 0),
  };
}

/** A place in a dimension: a number, or the name of one that is computed, an int64 list of one. */
type Bound = number | string;

/** The items of a list of places, as numbers where they are known. */
function boundsOf(c: RuleContext, index: number, what: string, count = -1): readonly Bound[] {
  const value = c.input(index);
  if (value.constant) return c.ints(index, what);
  const given = value.shape?.length === 1 ? value.shape[0]! : -1;
  const length = given === -1 ? count : given;
  if (length === -1) return c.refuse(`${what} is of a length that is not known before the model runs`);
  const list = asInt64(c, value);
  return Array.from({ length }, (_, i) => {
    const known = value.known?.[i] ?? -1;
    return known === -1 ? c.emit("Gather", [list, c.int64([i])]) : known;
  });
}

type Placed<K extends Step["kind"]> = {
  readonly step: Extract<Step<Bound>, { kind: K }>;
  readonly axis: number;
};

/** Steps of a kind with the dimension each works on; those after the `rest` count from the end, so no rank is needed. */
function placed<K extends Step["kind"]>(
  steps: readonly Step<Bound>[],
  kind: K,
  counts: (step: Step<Bound>) => boolean,
): Placed<K>[] {
  const rest = steps.findIndex((step) => step.kind === "rest");
  return steps.flatMap((step, i) => {
    if (step.kind !== kind) return [];
    const axis = i < rest ? steps.slice(0, i).filter(counts).length : -steps.slice(i).filter(counts).length;
    return [{ step: step as Extract<Step<Bound>, { kind: K }>, axis }];
  });
}

const readsDimension = ({ kind }: Step<Bound>) => kind === "range" || kind === "index";
const writesDimension = ({ kind }: Step<Bound>) => kind === "range" || kind === "new";

/** The steps of the node's slice, whose begin is the input number `first`, followed by its end and strides. */
function slicing(c: RuleContext, first: number): readonly Step<Bound>[] {
  const [begin, end] = [boundsOf(c, first, "its begin"), boundsOf(c, first + 1, "its end")];
  const steps = stepsOf(begin, end, c.ints(first + 2, "its strides"), masksOf(c));
  return steps ?? c.refuse("TensorFlow refuses its strides or masks");
}

/** What the steps take out of a tensor. */
function sliced(c: RuleContext, given: string, steps: readonly Step<Bound>[]): string {
  let name = given;
  const ranges = placed(steps, "range", readsDimension).filter(({ step }) => !isWhole(step));
  if (ranges.length > 0) {
    const ends = ranges.map(({ step }) => step.end ?? (step.stride > 0 ? FAR : -FAR));
    const begins = ranges.map(({ step }) => step.begin ?? (step.stride > 0 ? 0 : FAR));
    const axes = c.int64(ranges.map(({ axis }) => axis));
    const strides = c.int64(ranges.map(({ step }) => step.stride));
    name = c.emit("Slice", [name, shapeList(c, begins), shapeList(c, ends), axes, strides]);
  }
  // Taking one index removes a dimension: from the middle outwards, so that the others' places stay right.
  const indices = placed(steps, "index", readsDimension);
  const ordered = [...indices.filter(({ axis }) => axis >= 0).reverse(), ...indices.filter(({ axis }) => axis < 0)];
  const scalar = (at: Bound) => (typeof at === "number" ? c.int64(at) : c.emit("Squeeze", [at, c.int64([0])]));
  for (const { step, axis } of ordered) name = c.emit("Gather", [name, scalar(step.at)], { axis });
  const fresh = placed(steps, "new", writesDimension);
  if (fresh.length > 0) name = c.emit("Unsqueeze", [name, c.int64(fresh.map(({ axis }) => axis))]);
  return name;
}

/** The part of a partly known list of integers that a slice of it takes. */
function knownPart({ known }: Value, [step]: readonly Step<Bound>[]): readonly number[] | undefined {
  if (!known || !step) return undefined;
  if (step.kind === "index" && typeof step.at === "number") return [known.at(step.at) ?? -1];
  const numeric = step.kind === "range" && typeof step.begin !== "string" && typeof step.end !== "string";
  return numeric ? rangeOf(step as Extract<Step, { kind: "range" }>, known.length).map((i) => known[i]!) : undefined;
}

function stridedSlice(c: RuleContext): Value {
  const value = c.input(0);
  const steps = slicing(c, 1);
  const shape = value.shape && slicedShape(steps, value.shape);
  if (shape === undefined) return c.refuse(`it takes more dimensions than its input of shape [${value.shape}] has`);
  const given = c.plain(value);
  const name = sliced(c, given, steps);
  if (name === given) return { ...value, shape };
  const known = knownPart(value, steps);
  return { ...c.value(name, shape), ...(known ? { known } : {}) };
}

/** The tensor with the places that a slice takes out written over: they are found by slicing the numbers of all places. */
function stridedSliceUpdate(c: RuleContext): Value {
  const [value, update] = [c.input(0), c.input(4)];
  c.requireRank(value);
  const steps = slicing(c, 1);
  const sizes = c.emit("Shape", [value]);
  const count = c.emit("Size", [value]);
  const places = c.emit("Reshape", [c.emit("Range", [c.int64(0), count, c.int64(1)]), sizes], { allowzero: 1 });
  const taken = sliced(c, places, steps);
  const written = c.emit("Expand", [update, c.emit("Shape", [taken])]);
  const flat = (name: Value | string) => c.emit("Reshape", [name, c.int64([-1])]);
  const result = c.emit("ScatterElements", [flat(value), flat(taken), flat(written)], { axis: 0 });
  return c.value(c.emit("Reshape", [result, sizes], { allowzero: 1 }), value.shape);
}

/** A slice by begin and size. TensorFlow refuses what reaches over the end, ONNX would cut it off. */
function slice(c: RuleContext): Value {
  const value = c.input(0);
  const rank = c.requireRank(value);
  const [begin, size] = [boundsOf(c, 1, "its begin", rank), boundsOf(c, 2, "its size", rank)];
  if (rank !== begin.length || rank !== size.length) c.refuse(`its input has the shape [${value.shape}]`);
  const shape = size.map((count, d) => {
    const have = value.shape![d]!;
    const first = begin[d]!;
    if (typeof count === "number" && count !== -1) return count;
    if (count === -1 && first === 0) return have;
    return have === -1 || typeof count === "string" || typeof first === "string" ? -1 : have - first;
  });
  const cut = begin.flatMap((first, d) => (first === 0 && size[d] === -1 ? [] : [d]));
  if (cut.length === 0) return value;
  const [begins, counts] = [
    shapeList(
      c,
      cut.map((d) => begin[d]!),
    ),
    shapeList(
      c,
      cut.map((d) => size[d]!),
    ),
  ];
  const sizes = c.emit("Gather", [c.emit("Shape", [value]), c.int64(cut)]);
  const rest = c.emit("Equal", [counts, c.int64(-1)]);
  const ends = c.emit("Where", [rest, sizes, c.emit("Add", [begins, counts])]);
  const wrong = [
    c.emit("Less", [begins, c.int64(0)]),
    c.emit("Less", [ends, begins]),
    c.emit("Greater", [ends, sizes]),
  ].reduce((either, each) => c.emit("Or", [either, each]));
  // The ends wait for the check, and the slice for the ends.
  return c.value(c.emit("Slice", [value, begins, unless(c, wrong, ends), c.int64(cut)]), shape);
}

export const slicingRules: Rules = {
  StridedSlice: stridedSlice,
  TensorStridedSliceUpdate: stridedSliceUpdate,
  Slice: slice,
};
