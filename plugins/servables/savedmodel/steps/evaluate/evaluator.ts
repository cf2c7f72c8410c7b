import type { Tensor } from "../../../../../core/index.js";
import type { Kernel } from "../host-op.js";

/** Attributes of an ONNX node as plain data. */
export type Attributes = Readonly<Record<string, unknown>>;

/** An ONNX node that is to run on the host. */
export type OnnxCall = { readonly op: string; readonly attributes: Attributes };

export type Evaluator = {
  /** Whether it takes strings, too. */
  readonly strings: boolean;
  readonly open: (attributes: Attributes) => Kernel;
};

export type Evaluators = Readonly<Record<string, Evaluator>>;

export const numberOf = (attributes: Attributes, name: string, fallback: number): number => {
  const value = attributes[name];
  return typeof value === "number" ? value : fallback;
};

/** An operator that moves elements of any type; a kernel with one output. */
export const moving = (
  open: (attributes: Attributes) => (...given: Parameters<Kernel>) => Tensor | Promise<Tensor>,
): Evaluator => ({
  strings: true,
  open: (attributes) => {
    const kernel = open(attributes);
    return (...given) => {
      const result = kernel(...given);
      return result instanceof Promise ? result.then((tensor) => [tensor]) : [result];
    };
  },
});

/** An operator on numbers; a kernel with one output. */
export const numeric = (open: Parameters<typeof moving>[0]): Evaluator => ({ ...moving(open), strings: false });
