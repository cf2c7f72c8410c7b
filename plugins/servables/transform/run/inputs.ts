import {
  elementCount,
  formatShape,
  invalidArgument,
  shapeFits,
  type Tensor,
  type Tensors,
} from "../../../../core/index.js";
import { type Column, type ColumnType, columnOfBytes, type NumberColumn, type Numbers } from "../column.js";
import type { Named } from "./program.js";

/**
 * How many rows a request has.
 * @throws INVALID_ARGUMENT when an input has another shape than is declared, or another number of rows than the first
 */
export function rowsOf(wanted: readonly Named[], inputs: Tensors): number {
  const [first] = wanted;
  const rows = first ? (inputs[first.name]?.shape[0] ?? 0) : 0;
  for (const { name, type } of wanted) {
    const { shape } = inputs[name] ?? { shape: [] };
    const declared = [-1, ...type.row];
    if (!shapeFits(shape, declared)) {
      throw invalidArgument(`input ${name} has the shape ${formatShape(shape)}, expected ${formatShape(declared)}`);
    }
    if (shape[0] !== rows) {
      throw invalidArgument(
        `input ${name} has ${shape[0]} rows, and input ${first!.name} has ${rows}: expected as many`,
      );
    }
  }
  return rows;
}

/** `count` rows from `first` on, as views. */
export function sliceOf(tensor: Tensor, { dtype }: ColumnType, first: number, count: number): Column {
  const row = tensor.shape.slice(1);
  const width = elementCount(row);
  const [from, to] = [first * width, (first + count) * width];
  if (tensor.dtype === "string") return columnOfBytes(tensor.data.slice(from, to), row);
  const values = (tensor.data as Numbers).subarray(from, to);
  return { dtype: dtype as NumberColumn["dtype"], row, values };
}
