import { type DType, invalidArgument, type Tensor } from "../../../../../core/index.js";
import type { HostOp } from "../host-op.js";
import type { Pace } from "../pace.js";
import { blank, itemsOf, numbersOf } from "../tensors.js";

export type Counting = {
  /** Of the counts. */
  readonly dtype: DType;
  /** Whether it only says what is there. */
  readonly binary: boolean;
};

/** Counts the values of each row below `size`, or adds up their weights. `rowOf` gives each value's row. */
async function counted(
  { dtype, binary }: Counting,
  values: Tensor,
  weights: Tensor,
  shape: readonly number[],
  rowOf: (index: number) => number,
  pace: Pace,
): Promise<readonly Tensor[]> {
  const size = shape.at(-1)!;
  const { tensor: result, items } = blank(dtype, shape);
  const [from, weight] = [itemsOf(values), itemsOf(weights)];
  if (weight.length > 0 && weight.length !== from.length && !binary) {
    throw invalidArgument(`\`weights\` must be the same shape as \`arr\` or a length-0 \`Tensor\``);
  }
  const sums = items as unknown as Record<number, number>;
  const one = dtype === "int64" ? 1n : 1;
  await pace.each(from.length, (i) => {
    const value = Number(from[i]);
    if (value < 0) throw invalidArgument("Input must be non-negative");
    if (value >= size) return;
    const at = rowOf(i) * size + value;
    if (binary) items[at] = one;
    else sums[at]! += (weight.length > 0 ? weight[i] : one) as number;
  });
  return [result];
}

const sizeOf = (size: Tensor): number => {
  const [value = 0] = numbersOf(size);
  if (value < 0) throw invalidArgument(`size (${value}) must be non-negative`);
  return value;
};

/** DenseBincount and Bincount: values, how many are told apart, weights. */
export const bincountOp: HostOp<Counting> = {
  name: "DenseBincount",
  open: (how) => async (inputs, pace) => {
    const [values, size, weights] = inputs as readonly [Tensor, Tensor, Tensor];
    const [rows, columns] = values.shape;
    if (values.shape.length > 2)
      throw invalidArgument(`Shape must be at most rank 2 but is rank ${values.shape.length}`);
    if (columns === undefined) return counted(how, values, weights, [sizeOf(size)], () => 0, pace);
    return counted(how, values, weights, [rows!, sizeOf(size)], (i) => Math.floor(i / columns), pace);
  },
};

/** RaggedBincount: where rows begin and end, values, how many are told apart, weights. */
export const raggedBincountOp: HostOp<Counting> = {
  name: "RaggedBincount",
  open: (how) => async (inputs, pace) => {
    const [splits, values, size, weights] = inputs as readonly [Tensor, Tensor, Tensor, Tensor];
    const bounds = numbersOf(splits);
    if (bounds[0] !== 0) throw invalidArgument(`Splits must start with 0, not with ${bounds[0]}`);
    if (bounds.at(-1) !== values.data.length) {
      throw invalidArgument(
        `Splits must end with the number of values, got ${bounds.at(-1)} instead of ${values.data.length}`,
      );
    }
    let row = 0;
    // Values come in order, so the row only goes on.
    const rowOf = (i: number) => {
      while (i >= bounds[row + 1]!) row++;
      return row;
    };
    return counted(how, values, weights, [bounds.length - 1, sizeOf(size)], rowOf, pace);
  },
};
