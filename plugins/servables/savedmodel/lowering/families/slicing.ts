import type { RuleContext, Rules } from "../rule.js";
import { isWhole, type Masks, type Step, slicedShape, stepsOf } from "../strided-slice.js";
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

type Placed<K extends Step["kind"]> = { readonly step: Extract<Step, { kind: K }>; readonly axis: number };

/** Steps of a kind with the dimension each works on; those after the `rest` count from the end, so no rank is needed. */
function placed<K extends Step["kind"]>(steps: readonly Step[], kind: K, counts: (step: Step) => boolean): Placed<K>[] {
  const rest = steps.findIndex((step) => step.kind === "rest");
  return steps.flatMap((step, i) => {
    if (step.kind !== kind) return [];
    const axis = i < rest ? steps.slice(0, i).filter(counts).length : -steps.slice(i).filter(counts).length;
    return [{ step: step as Extract<Step, { kind: K }>, axis }];
  });
}

const readsDimension = ({ kind }: Step) => kind === "range" || kind === "index";
const writesDimension = ({ kind }: Step) => kind === "range" || kind === "new";

function stridedSlice(c: RuleContext): Value {
  const value = c.input(0);
  const [begin, end] = [c.ints(1, "its begin"), c.ints(2, "its end")];
  const steps = stepsOf(begin, end, c.ints(3, "its strides"), masksOf(c));
  if (!steps) return c.refuse("TensorFlow refuses its strides or masks");
  const shape = value.shape && slicedShape(steps, value.shape);
  if (shape === undefined) return c.refuse(`it takes more dimensions than its input of shape [${value.shape}] has`);

  let name = c.plain(value);
  const ranges = placed(steps, "range", readsDimension).filter(({ step }) => !isWhole(step));
  if (ranges.length > 0) {
    const ends = ranges.map(({ step }) => step.end ?? (step.stride > 0 ? FAR : -FAR));
    const begins = ranges.map(({ step }) => step.begin ?? (step.stride > 0 ? 0 : FAR));
    const axes = c.int64(ranges.map(({ axis }) => axis));
    const strides = c.int64(ranges.map(({ step }) => step.stride));
    name = c.emit("Slice", [name, c.int64(begins), c.int64(ends), axes, strides]);
  }
  // Taking one index removes a dimension: from the middle outwards, so that the others' places stay right.
  const indices = placed(steps, "index", readsDimension);
  const ordered = [...indices.filter(({ axis }) => axis >= 0).reverse(), ...indices.filter(({ axis }) => axis < 0)];
  for (const { step, axis } of ordered) name = c.emit("Gather", [name, c.int64(step.at)], { axis });
  const fresh = placed(steps, "new", writesDimension);
  if (fresh.length > 0) name = c.emit("Unsqueeze", [name, c.int64(fresh.map(({ axis }) => axis))]);
  if (name === value.names.plain) return { ...value, shape };
  return c.value(name, shape);
}

/** Above this a slice is not written as a list of indices. */
const MOST_INDICES = 4096;

/** Slice by begin and size. TensorFlow refuses what reaches over the end, ONNX would cut it off. */
function slice(c: RuleContext): Value {
  const value = c.input(0);
  const [begin, size] = [c.ints(1, "its begin"), c.ints(2, "its size")];
  if (c.requireRank(value) !== begin.length) c.refuse(`its input has the shape [${value.shape}]`);
  let name = c.plain(value);
  const shape = size.map((count, d) => {
    const [first, have] = [begin[d]!, value.shape![d]!];
    if (first < 0 || count < -1) c.refuse(`its begin is [${begin}], its size [${size}]`);
    if (first === 0 && count === -1) return have;
    if (have !== -1) {
      const end = count === -1 ? have : first + count;
      if (first > have || end > have) c.refuse(`it reaches over its input's shape [${value.shape}]`);
      name = c.emit("Slice", [name, c.int64([first]), c.int64([end]), c.int64([d])]);
      return end - first;
    }
    if (count === -1 || count > MOST_INDICES) c.refuse("the size of the dimension it cuts is not known");
    // Taking indices one by one fails where one is missing, as TensorFlow does.
    const indices = Array.from({ length: count }, (_, i) => first + i);
    name = c.emit("Gather", [name, c.int64(indices)], { axis: d });
    return count;
  });
  return c.value(name, shape);
}

export const slicingRules: Rules = { StridedSlice: stridedSlice, Slice: slice };
