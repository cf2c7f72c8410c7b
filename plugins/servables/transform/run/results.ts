import { elementCount, record, resourceExhausted, type Tensor, type Tensors, tensor } from "../../../../core/index.js";
import {
  arrayOf,
  bytesOf,
  type Column,
  type ColumnType,
  type NumberColumn,
  type Numbers,
  numbersOf,
  type PlainNumbers,
} from "../column.js";
import type { Program } from "./program.js";

/** The most bytes that one output may take: a small request can ask for a large answer. */
const LARGEST = 2 ** 30;

interface Result {
  add(column: Column, firstRow: number): void;
  /** Its memory for some rows, where a step may write what would else be copied; undefined where it cannot. */
  room(firstRow: number, rows: number): PlainNumbers | undefined;
  tensor(): Tensor;
}

/** Whole numbers as int64, without a bigint for each. */
function widen(numbers: ArrayLike<number>, into: BigInt64Array, at: number): void {
  const halves = new Int32Array(into.buffer, into.byteOffset + at * 8, numbers.length * 2);
  for (let i = 0; i < numbers.length; i++) {
    const value = numbers[i]!;
    halves[2 * i] = value;
    halves[2 * i + 1] = Math.floor(value / 2 ** 32);
  }
}

/** `into` may be what the column was written into. */
function copyNumbers(column: NumberColumn, into: Numbers, at: number): void {
  const { values } = column;
  if (values.buffer === into.buffer) return;
  if (!(into instanceof BigInt64Array)) into.set(numbersOf(column), at);
  else if (values instanceof BigInt64Array) into.set(values, at);
  else widen(values, into, at);
}

/** One output of a request, whose rows are of the sizes `row`. */
function createResult(name: string, rows: number, { dtype, row }: ColumnType): Result {
  const width = elementCount(row);
  const shape = [rows, ...row];
  if (elementCount(shape) * 8 > LARGEST)
    throw resourceExhausted(`output ${name} of shape [${shape}] would take more than ${LARGEST} bytes`);
  if (dtype === "string") {
    const items: Uint8Array[] = new Array(rows * width);
    return {
      add: (column, firstRow) => {
        for (const [i, item] of bytesOf(column).entries()) items[firstRow * width + i] = item;
      },
      room: () => undefined,
      tensor: () => tensor("string", shape, items),
    };
  }
  const values = arrayOf(dtype, rows * width) as Numbers;
  return {
    add: (column, firstRow) => copyNumbers(column as NumberColumn, values, firstRow * width),
    // int64 leaves in another form than that in which steps make it.
    room: (first, count) =>
      values instanceof BigInt64Array ? undefined : values.subarray(first * width, (first + count) * width),
    tensor: () => ({ dtype, shape, data: values }) as Tensor,
  };
}

/** Puts the outputs of slices together. Sizes that an output's type leaves open are those of its first slice. */
export function createResults(outputs: Program["outputs"], rows: number) {
  const results = new Map<number, Result>();
  const resultOf = (name: string, place: number, type: ColumnType): Result => {
    const result = results.get(place) ?? createResult(name, rows, type);
    results.set(place, result);
    return result;
  };
  for (const { name, column, type } of outputs) if (type.row.every((size) => size >= 0)) resultOf(name, column, type);
  return {
    room: (place: number, firstRow: number, count: number) => results.get(place)?.room(firstRow, count),
    add: (columns: readonly Column[], firstRow: number): void => {
      for (const { name, column: place } of outputs) {
        const column = columns[place]!;
        resultOf(name, place, column).add(column, firstRow);
      }
    },
    tensors: (): Tensors => record(outputs.map(({ name, column }) => [name, results.get(column)!.tensor()] as const)),
  };
}
