import { formatShape, type TensorSpec } from "../../../core/index.js";

type Shape = TensorSpec["shape"];

/** `float32 [-1,4]` */
export const formatSpec = ({ dtype, shape }: Pick<TensorSpec, "dtype" | "shape">) =>
  `${dtype} ${shape === null ? "of any shape" : formatShape(shape)}`;

/** Whether some tensor has both shapes. */
export function canMeet(a: Shape, b: Shape): boolean {
  if (a === null || b === null) return true;
  return a.length === b.length && a.every((size, i) => size === -1 || b[i] === -1 || size === b[i]);
}

/** The shape of the tensors that have both, which must meet. */
export function meet(a: Shape, b: Shape): Shape {
  if (a === null || b === null) return a ?? b;
  return a.map((size, i) => (size === -1 ? (b[i] ?? -1) : size));
}

/** Whether every tensor of `shape` has the shape `wanted` too. */
export function within(shape: Shape, wanted: Shape): boolean {
  if (wanted === null || shape === null) return wanted === null;
  return shape.length === wanted.length && wanted.every((size, i) => size === -1 || size === shape[i]);
}

/** The shape of the tensors that have one or the other. */
export function either(a: Shape, b: Shape): Shape {
  if (a === null || b === null || a.length !== b.length) return null;
  return a.map((size, i) => (size === b[i] ? size : -1));
}
