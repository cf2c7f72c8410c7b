import { elementCount, record, resourceExhausted, type Tensor, type Tensors, tensor } from "../../../../core/index.js";
import { arrayOf, bytesOf, type Column, type NumberColumn, type Numbers, numbersOf, widthOf } from "../column.js";
import type { Program } from "./program.js";

/** The most bytes that one output may take: a small request can ask for a large answer. */
const LARGEST = 2 ** 30;

interface Result {
  add(column: Column, firstRow: number): void;
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

function copyNumbers(column: NumberColumn, into: Numbers, at: number): void {
  if (!(into instanceof BigInt64Array)) into.set(numbersOf(column), at);
  else if (column.values instanceof BigInt64Array) into.set(column.values, at);
  else widen(column.values, into, at);
}

/** One output of a request. The sizes that its type leaves open are those of its first slice. */
function createResult(name: string, rows: number, first: Column): Result {
  const width = widthOf(first);
  const shape = [rows, ...first.row];
  const { dtype } = first;
  const size = elementCount(shape) * 8;
  if (size > LARGEST)
    throw resourceExhausted(`output ${name} of shape [${shape}] would take more than ${LARGEST} bytes`);
  if (dtype === "string") {
    const items: Uint8Array[] = new Array(rows * width);
    return {
      add: (column, row) => {
        for (const [i, item] of bytesOf(column).entries()) items[row * width + i] = item;
      },
      tensor: () => tensor("string", shape, items),
    };
  }
  const values = arrayOf(dtype, rows * width) as Numbers;
  return {
    add: (column, row) => copyNumbers(column as NumberColumn, values, row * width),
    tensor: () => ({ dtype, shape, data: values }) as Tensor,
  };
}

/** Puts the outputs of slices together. */
export function createResults(outputs: Program["outputs"], rows: number) {
  const results = new Map<string, Result>();
  return {
    add: (columns: readonly Column[], firstRow: number): void => {
      for (const { name, column: place } of outputs) {
        const column = columns[place]!;
        const result = results.get(name) ?? createResult(name, rows, column);
        results.set(name, result);
        result.add(column, firstRow);
      }
    },
    tensors: (): Tensors => record([...results].map(([name, result]) => [name, result.tensor()] as const)),
  };
}
