import type { Tensor, TensorSpec } from "../../../core/index.js";
import type { Binding } from "./binding.js";
import { constantTensor, filledTensor, naturalType } from "./constants.js";
import { type Ref, refOf } from "./graph.js";
import type { Constant, Fill, StepOptions } from "./options.js";

/** What stands for an output of an optional step. */
export type Fallback = {
  readonly spec: TensorSpec;
  /** The tensor that it has as many rows as, where it goes by one. */
  readonly rows: Ref | undefined;
  readonly make: (rows: number) => Tensor;
};

/** By output. Every use of these outputs must be known: theirs is the type where the config says none. */
export function planFallbacks(
  name: string,
  { default: fallbacks = {} }: StepOptions,
  binding: Binding,
): ReadonlyMap<string, Fallback> {
  return new Map(
    Object.entries(fallbacks).map(([output, from]) => {
      const at = ["steps", name, "default", output];
      const ref = { step: name, name: output };
      const uses = binding.usesOf(ref);
      const known = binding.specOf(ref, at);
      const fallback = binding.made(at, () => made(from, known ?? uses[0]?.spec));
      for (const use of uses) binding.agree({ spec: fallback.spec, who: "the default" }, { ...use, at });
      if (known) binding.agree({ spec: { ...fallback.spec, shape: null }, who: "the default" }, use(known, output, at));
      return [output, fallback];
    }),
  );
}

const use = (spec: TensorSpec, output: string, at: readonly string[]) => ({
  spec,
  who: `the output "${output}"`,
  at,
});

/** @throws INVALID_ARGUMENT for what is no value of its type */
function made(from: Constant | Fill, like: TensorSpec | undefined): Fallback {
  const value = "fill" in from ? from.fill : from.constant;
  const dtype = from.dtype ?? like?.dtype ?? naturalType(value);
  if ("fill" in from) {
    const make = (rows: number) => filledTensor(value, dtype, [rows, ...from.shape]);
    // One row is made at once: a value that is none of the type must show when the pipeline loads.
    make(1);
    return { spec: { dtype, shape: [-1, ...from.shape] }, rows: refOf(from.rows), make };
  }
  const tensor = constantTensor(value, dtype);
  return { spec: { dtype, shape: tensor.shape }, rows: undefined, make: () => tensor };
}
