import { constantOf } from "../constant.js";
import type { RuleContext, Rules } from "../rule.js";
import { isFloat, type Value } from "../value.js";

/** How many of the boundaries, which are in order, are at most the element: all of them for NaN. */
function bucketize(c: RuleContext): Value {
  const value = c.input(0);
  const boundaries = c.attrs.floats("boundaries");
  if (boundaries.some((each, i) => i > 0 && each < boundaries[i - 1]!)) c.refuse("its boundaries are not in order");
  // TensorFlow compares integers with the boundaries as floats, too.
  const wide = value.dtype === "float64" || value.dtype === "int64" || value.dtype === "int32" ? "float64" : "float32";
  if (!isFloat(value.dtype) && value.dtype !== "int32" && value.dtype !== "int64") c.refuse(`it takes ${value.dtype}`);
  const number = value.dtype === wide ? c.plain(value) : c.emit("Cast", [value], { to: c.onnxType(wide) });
  const shape = [boundaries.length];
  const limits = c.constant(
    constantOf(
      wide === "float64"
        ? { dtype: wide, shape, data: Float64Array.from(boundaries) }
        : { dtype: wide, shape, data: Float32Array.from(boundaries) },
    ),
  );
  const above = c.emit("Less", [c.emit("Unsqueeze", [number, c.int64([-1])]), limits]);
  const passed = c.emit("Cast", [c.emit("Not", [above])], { to: c.onnxType("int32") });
  return c.value(c.emit("ReduceSum", [passed, c.int64([-1])], { keepdims: 0 }), value.shape);
}

export const categoryRules: Rules = {
  Bucketize: bucketize,
};
