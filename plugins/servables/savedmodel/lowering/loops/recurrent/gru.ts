import { attributesOf } from "../../../graph/attributes.js";
import type { Output } from "../../../graph/node.js";
import { type Step, stepsOf } from "../../strided-slice.js";
import { integersOf } from "../shape.js";
import type { Layer } from "./layer.js";
import { capture, shared, type Test } from "./match.js";

/** A step of a GRU that resets after the product: gates in the order update, reset, candidate. */
export type GruStep = {
  readonly kernel: Output;
  readonly recurrent: Output;
  readonly bias: Output | undefined;
  readonly recurrentBias: Output | undefined;
  readonly hidden: number;
};

/** Columns from `begin` to `end`, or to the last, of a matrix. */
function columns({ body }: Layer, begin: number, end: number | undefined, whole: Test): Test {
  return (output) => {
    if (output.node.op !== "StridedSlice") return false;
    const [value, ...rest] = body.inputs(output.node);
    const [from, to, by] = rest.map((each) => integersOf(body, each));
    if (!value || !from || !to || !by) return false;
    const attrs = attributesOf(output.node.def, output.node.opDef);
    const mask = (name: string) => attrs.int(name, 0);
    const masks = {
      begin: mask("begin_mask"),
      end: mask("end_mask"),
      ellipsis: mask("ellipsis_mask"),
      newAxis: mask("new_axis_mask"),
      shrinkAxis: mask("shrink_axis_mask"),
    };
    const [rows, cut] = (stepsOf(from, to, by, masks) ?? []).filter(({ kind }) => kind !== "rest");
    const range = (step: Step | undefined, low: number, high: number | undefined) =>
      step?.kind === "range" && step.stride === 1 && (step.begin ?? 0) === low && step.end === high;
    return range(rows, 0, undefined) && range(cut, begin, end) && whole(value);
  };
}

/**
 * Recognises the step
 *   h' = z * h + (1 - z) * tanh(xc + sigmoid(xr + hr) * hc),  z = sigmoid(xz + hz),
 *   [xz xr xc] = x W + b,  [hz hr hc] = h U + d
 * which gives out h'; any other step is undefined. `units` is the size of h.
 */
export function gruStep(layer: Layer, units: number): GruStep | undefined {
  const { body, match: m, input, states, target } = layer;
  const [hidden, ...more] = states;
  if (hidden === undefined || more.length > 0) return undefined;
  const h = m.is(body.parameters[hidden]!);
  const [inputs, inner] = [shared(), shared()];
  const given = (i: number) => m.part(3, i, inputs);
  const kept = (i: number) => columns(layer, i * units, i === 2 ? undefined : (i + 1) * units, inner);
  const update = m.by("Sigmoid", m.either("AddV2", given(0), kept(0)));
  const reset = m.by("Sigmoid", m.either("AddV2", given(1), kept(1)));
  const candidate = m.by("Tanh", m.either("AddV2", given(2), m.either("Mul", reset, kept(2))));
  const next = m.either(
    "AddV2",
    m.either("Mul", update, h),
    m.either("Mul", m.by("Sub", m.number(1), update), candidate),
  );
  const result = body.results[hidden]!;
  if (!m.is(result)(target.item) || !next(result)) return undefined;

  const [kernel, recurrent, bias, recurrentBias] = [capture(), capture(), capture(), capture()];
  const affine = (product: Test, offset: Test, whole: Output): boolean | undefined => {
    if (product(whole)) return false;
    return m.by("BiasAdd", product, offset)(whole) || m.either("AddV2", product, offset)(whole) ? true : undefined;
  };
  const x = affine(m.product(m.is(input), kernel), bias, inputs.found());
  const y = affine(m.product(h, recurrent), recurrentBias, inner.found());
  if (x === undefined || y === undefined) return undefined;
  return {
    kernel: kernel.found(),
    recurrent: recurrent.found(),
    bias: x ? bias.found() : undefined,
    recurrentBias: y ? recurrentBias.found() : undefined,
    hidden,
  };
}
