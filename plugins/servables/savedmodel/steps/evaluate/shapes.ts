import { elementCount, invalidArgument, type Tensor, tensor } from "../../../../../core/index.js";
import { blank, inferredShape, numbersOf, withShape } from "../tensors.js";
import { type Evaluators, moving, numberOf, numeric } from "./evaluator.js";
import { axesOf } from "./view.js";

const int64 = (values: readonly number[]) => BigInt64Array.from(values, BigInt);

/** @throws INVALID_ARGUMENT in TensorFlow's words when the elements do not fit */
function reshape(value: Tensor, wanted: readonly number[]): Tensor {
  const count = elementCount(value.shape);
  const shape = inferredShape(wanted, count);
  if (shape.some((size) => !Number.isInteger(size) || size < 0) || elementCount(shape) !== count) {
    throw invalidArgument(
      `Input to reshape is a tensor with ${count} values, but the requested shape has ${elementCount(wanted)}`,
    );
  }
  return withShape(value, shape);
}

function squeeze(value: Tensor, axes: Tensor | undefined): Tensor {
  const gone = new Set(axes ? axesOf(value, axes) : value.shape.flatMap((size, d) => (size === 1 ? [d] : [])));
  for (const d of gone) {
    if (value.shape[d] === 1) continue;
    throw invalidArgument(`Can not squeeze dim[${d}], expected a dimension of 1, got ${value.shape[d]}`);
  }
  return withShape(
    value,
    value.shape.filter((_, d) => !gone.has(d)),
  );
}

function unsqueeze(value: Tensor, axes: Tensor): Tensor {
  const given = numbersOf(axes);
  const rank = value.shape.length + given.length;
  const fresh = new Set(given.map((axis) => (axis < 0 ? axis + rank : axis)));
  const rest = [...value.shape];
  return withShape(
    value,
    Array.from({ length: rank }, (_, d) => (fresh.has(d) ? 1 : rest.shift()!)),
  );
}

export const shapes: Evaluators = {
  Identity: moving(
    () =>
      ([value]) =>
        value!,
  ),
  Shape: moving(
    () =>
      ([value]) =>
        tensor("int64", [value!.shape.length], int64(value!.shape)),
  ),
  Size: moving(
    () =>
      ([value]) =>
        tensor("int64", [], int64([elementCount(value!.shape)])),
  ),
  // Salver's own graphs always set allowzero, which is how TensorFlow reads a 0.
  Reshape: moving(
    () =>
      ([value, shape]) =>
        reshape(value!, numbersOf(shape)),
  ),
  Squeeze: moving(
    () =>
      ([value, axes]) =>
        squeeze(value!, axes),
  ),
  Unsqueeze: moving(
    () =>
      ([value, axes]) =>
        unsqueeze(value!, axes!),
  ),
  ConstantOfShape: numeric((attributes) => {
    const fill = attributes.value as Tensor | undefined;
    return ([shape]) => {
      const { tensor, items } = blank(fill?.dtype ?? "float32", numbersOf(shape));
      if (fill) (items as unknown as number[]).fill(fill.data[0] as number);
      return tensor;
    };
  }),
  Flatten: moving((attributes) => {
    const axis = numberOf(attributes, "axis", 1);
    return ([value]) => {
      const at = axis < 0 ? axis + value!.shape.length : axis;
      return withShape(value!, [elementCount(value!.shape.slice(0, at)), elementCount(value!.shape.slice(at))]);
    };
  }),
};
