import type { RuleContext, Rules } from "../rule.js";
import type { Value } from "../value.js";
import { gather, length, scatterInto, setItem } from "./lists.js";

/**
 * TensorFlow 1's TensorArrays. What passes from one operator to the next is their "flow", so here that is the list; the
 * handle only names it.
 */
function array(c: RuleContext): readonly Value[] {
  const dtype = c.attrs.dtype("dtype") ?? c.refuse("its elements are no tensors");
  if (c.attrs.flag("dynamic_size", false)) c.refuse("it grows");
  for (const note of ["clear_after_read", "identical_element_shapes"]) c.attrs.flag(note, false);
  c.attrs.text("tensor_array_name", "");
  const size = c.input(0);
  const flow: Value = {
    dtype,
    shape: null,
    from: size.from,
    names: {},
    list: { kind: "blank", length: size, element: c.attrs.shape("element_shape") },
  };
  return [flow, flow];
}

export const arrayRules: Rules = {
  TensorArrayV3: array,
  TensorArrayWriteV3: (c) => setItem(c, c.input(3), c.input(1), c.input(2), false),
  TensorArrayReadV3: (c) => gather(c, c.input(2), c.input(1)),
  TensorArrayScatterV3: (c) => scatterInto(c, c.input(3), c.input(2), c.input(1)),
  TensorArrayGatherV3: (c) => {
    c.attrs.shape("element_shape");
    return gather(c, c.input(2), c.input(1));
  },
  TensorArraySizeV3: (c) => length(c, c.input(1)),
};
