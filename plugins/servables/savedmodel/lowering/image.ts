import { reshaped } from "./constant.js";
import type { RuleContext } from "./rule.js";
import type { Value } from "./value.js";

/** Where TensorFlow's dimension of an NHWC tensor is once its channels come first. */
export const CHANNELS_FIRST_AXIS = [0, 2, 3, 1] as const;

/** An image that so far exists with its channels first only: an operator that can should keep it that way. */
export const isImage = ({ names, shape }: Value): boolean =>
  names.channelsFirst !== undefined && names.plain === undefined && shape?.length === 4;

/**
 * The operand's name beside an image with its channels first, in an operator that broadcasts; undefined when it cannot
 * be brought there for free. A vector runs along the channels, which NHWC has last.
 */
function besideImage(c: RuleContext, value: Value): string | undefined {
  if (value.names.channelsFirst !== undefined) return value.names.channelsFirst;
  const { constant, shape, from } = value;
  if (!constant) {
    // Such as a batch normalization's scale: ONNX Runtime computes it once, and the convolution before takes it in.
    const isVector = shape?.length === 1 && from.size === 0;
    return isVector ? c.emit("Unsqueeze", [value, c.int64([1, 2])]) : undefined;
  }
  const [channels = 1, ...more] = constant.shape.toReversed();
  if (constant.shape.length > 4 || more.some((size) => size !== 1)) return undefined;
  return c.constant(reshaped(constant, constant.shape.length === 0 ? [] : [channels, 1, 1]));
}

/** The names of the operands of a broadcasting operator with channels first; undefined where that is not for free. */
export function imageOperands(c: RuleContext, values: readonly Value[]): readonly string[] | undefined {
  if (!values.some(isImage)) return undefined;
  const names = values.map((value) => besideImage(c, value));
  return names.every((name) => name !== undefined) ? names : undefined;
}
