/** One step of a strided slice, in the order of its specification. `B` is what bounds are: numbers, or also names. */
export type Step<B = number> =
  /** A range; `begin` or `end` undefined reaches to that side's end. */
  | {
      readonly kind: "range";
      readonly begin: B | undefined;
      readonly end: B | undefined;
      readonly stride: number;
    }
  /** One index; the dimension goes. */
  | { readonly kind: "index"; readonly at: B }
  /** A new dimension of size 1. */
  | { readonly kind: "new" }
  /** All dimensions that the other steps leave over. */
  | { readonly kind: "rest" };

export type Masks = {
  readonly begin: number;
  readonly end: number;
  readonly ellipsis: number;
  readonly newAxis: number;
  readonly shrinkAxis: number;
};

/**
 * TensorFlow's StridedSlice in steps, e.g. `x[1:, 0, ..., None]`. Exactly one step is `rest`.
 * undefined for what TensorFlow refuses: a stride of 0, an index with a negative stride, two ellipses.
 */
export function stepsOf<B>(
  begin: readonly B[],
  end: readonly B[],
  strides: readonly number[],
  masks: Masks,
): readonly Step<B>[] | undefined {
  const steps: Step<B>[] = [];
  for (let i = 0; i < begin.length; i++) {
    const bit = 1 << i;
    const stride = strides[i]!;
    // Where several masks are set, TensorFlow takes the first of these.
    if (masks.ellipsis & bit) steps.push({ kind: "rest" });
    else if (masks.newAxis & bit) steps.push({ kind: "new" });
    else if (stride === 0) return undefined;
    else if (masks.shrinkAxis & bit) {
      if (stride < 0) return undefined;
      steps.push({ kind: "index", at: begin[i]! });
    } else {
      const from = masks.begin & bit ? undefined : begin[i];
      steps.push({ kind: "range", begin: from, end: masks.end & bit ? undefined : end[i], stride });
    }
  }
  const rests = steps.filter(({ kind }) => kind === "rest").length;
  if (rests > 1) return undefined;
  return rests === 1 ? steps : [...steps, { kind: "rest" }];
}

export const isWhole = (step: Step<unknown>): boolean =>
  step.kind === "range" && step.begin === undefined && step.end === undefined && step.stride === 1;

/** The indices that a range takes out of a dimension of `size`, as Python counts them. */
export function rangeOf({ begin, end, stride }: Extract<Step, { kind: "range" }>, size: number): number[] {
  const [low, high] = stride > 0 ? [0, size] : [-1, size - 1];
  const place = (value: number) => Math.min(Math.max(value < 0 ? value + size : value, low), high);
  const first = begin === undefined ? (stride > 0 ? low : high) : place(begin);
  const last = end === undefined ? (stride > 0 ? high : low) : place(end);
  const out: number[] = [];
  for (let i = first; stride > 0 ? i < last : i > last; i += stride) out.push(i);
  return out;
}

const isNumeric = (step: Extract<Step<unknown>, { kind: "range" }>): step is Extract<Step, { kind: "range" }> =>
  [step.begin, step.end].every((bound) => bound === undefined || typeof bound === "number");

/** The shape of the result, -1 where a size is not known; undefined when the steps want more dimensions than there are. */
export function slicedShape(steps: readonly Step<unknown>[], shape: readonly number[]): number[] | undefined {
  const used = steps.filter(({ kind }) => kind === "range" || kind === "index").length;
  if (used > shape.length) return undefined;
  let d = 0;
  return steps.flatMap((step) => {
    if (step.kind === "new") return [1];
    if (step.kind === "rest") {
      const rest = shape.slice(d, d + shape.length - used);
      d += rest.length;
      return rest;
    }
    const size = shape[d++]!;
    if (step.kind === "index") return [];
    if (isWhole(step)) return [size];
    return [size === -1 || !isNumeric(step) ? -1 : rangeOf(step, size).length];
  });
}
