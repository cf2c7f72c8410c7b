import { elementCount, invalidArgument, type Tensor, tensor } from "../../../../../core/index.js";
import type { HostOp } from "../host-op.js";
import { blank, itemsOf, numbersOf } from "../tensors.js";

/** How a level of rows is written: TensorFlow's RowPartitionType, without those that it makes of others by itself. */
export type Partition = "FIRST_DIM_SIZE" | "VALUE_ROWIDS" | "ROW_SPLITS" | "ROW_LENGTHS";
export const partitions: ReadonlySet<string> = new Set<Partition>([
  "FIRST_DIM_SIZE",
  "VALUE_ROWIDS",
  "ROW_SPLITS",
  "ROW_LENGTHS",
]);

/** Where rows begin and end, of the row that each value is in. */
function splitsOfRowIds(ids: readonly number[], rows: number): number[] {
  const splits = new Array<number>(rows + 1).fill(0);
  let last = 0;
  for (const id of ids) {
    if (id < last || id >= rows)
      throw invalidArgument(`row ids must be in order and below ${rows}, got ${id} behind ${last}`);
    splits[id + 1]!++;
    last = id;
  }
  for (let row = 0; row < rows; row++) splits[row + 1]! += splits[row]!;
  return splits;
}

function checkedSplits(splits: readonly number[]): readonly number[] {
  if (splits[0] !== 0 || splits.some((value, i) => i > 0 && value < splits[i - 1]!)) {
    throw invalidArgument("row splits must begin with 0 and never fall");
  }
  return splits;
}

function splitsOfLengths(lengths: readonly number[]): number[] {
  const splits = [0];
  for (const length of lengths) splits.push(splits.at(-1)! + length);
  return splits;
}

function splitsOf(type: Partition, numbers: readonly number[], rows: number): readonly number[] {
  if (type === "VALUE_ROWIDS") return splitsOfRowIds(numbers, rows);
  return checkedSplits(type === "ROW_SPLITS" ? numbers : splitsOfLengths(numbers));
}

/** Every level as splits, the outermost first. */
function levelsOf(types: readonly Partition[], given: readonly Tensor[]): (readonly number[])[] {
  const levels: (readonly number[])[] = [];
  let rows = 0;
  for (const [i, type] of types.entries()) {
    const numbers = numbersOf(given[i]);
    if (type === "FIRST_DIM_SIZE") rows = numbers[0]!;
    else {
      const splits = splitsOf(type, numbers, rows);
      const [outer] = levels.slice(-1);
      if (outer && outer.at(-1) !== splits.length - 1)
        throw invalidArgument("the levels of a ragged tensor do not fit");
      levels.push(splits);
      rows = splits.at(-1)!;
    }
  }
  return levels;
}

const longest = (splits: readonly number[]) =>
  splits.reduce((most, end, i) => (i === 0 ? most : Math.max(most, end - splits[i - 1]!)), 0);

/** RaggedTensorToTensor: shape, values, the default, and the levels. What does not fit into the shape is cut off. */
export const raggedToTensorOp: HostOp<{ readonly types: readonly Partition[] }> = {
  name: "RaggedTensorToTensor",
  open:
    ({ types }) =>
    async ([wanted, values, fallback, ...given], pace) => {
      const levels = levelsOf(types, given);
      const inner = values!.shape.slice(1);
      if (levels.at(-1)!.at(-1) !== values!.shape[0])
        throw invalidArgument("the levels of a ragged tensor do not fit its values");
      const natural = [levels[0]!.length - 1, ...levels.map(longest), ...inner];
      const asked = wanted!.shape.length === 0 ? [] : numbersOf(wanted);
      const shape = natural.map((size, d) => ((asked[d] ?? -1) === -1 ? size : asked[d]!));
      if (
        inner.some((size, d) => shape[d + 1 + levels.length] !== size) ||
        (asked.length > 0 && asked.length !== shape.length)
      ) {
        throw invalidArgument(`a ragged tensor of the shape [${natural}] cannot become [${asked}]`);
      }
      const { tensor: result, items } = blank(values!.dtype, shape);
      const width = elementCount(inner);
      const from = itemsOf(values!);
      const filler = itemsOf(fallback!)[0]!;
      (items as unknown as unknown[]).fill(filler);
      const strides = shape.slice(0, levels.length + 1).map((_, d) => elementCount(shape.slice(d + 1)));
      /** Copies row `row` of a level to the place `at`. */
      const copy = (level: number, row: number, at: number): void => {
        const splits = levels[level]!;
        const [first, end] = [splits[row]!, Math.min(splits[row + 1]!, splits[row]! + shape[level + 1]!)];
        const step = strides[level + 1]!;
        for (let i = first; i < end; i++) {
          const target = at + (i - first) * step;
          if (level + 1 < levels.length) copy(level + 1, i, target);
          else for (let k = 0; k < width; k++) items[target + k] = from[i * width + k]!;
        }
      };
      await pace.each(Math.min(shape[0]!, natural[0]!), (row) => copy(0, row, row * strides[0]!));
      return [result];
    },
};

/** RaggedTensorToSparse of levels of splits, the outermost first, and plain values. */
export const raggedToSparseOp: HostOp<Record<string, never>> = {
  name: "RaggedTensorToSparse",
  open: () => (inputs) => {
    const values = inputs.at(-1)!;
    const levels = inputs.slice(0, -1).map((splits) => checkedSplits(numbersOf(splits)));
    const count = values.data.length;
    if (levels.at(-1)!.at(-1) !== count) throw invalidArgument("the levels of a ragged tensor do not fit its values");
    const rank = levels.length + 1;
    const indices = new BigInt64Array(count * rank);
    let next = 0;
    const walk = (level: number, row: number, prefix: readonly number[]): void => {
      const splits = levels[level]!;
      for (let i = splits[row]!; i < splits[row + 1]!; i++) {
        const place = [...prefix, i - splits[row]!];
        if (level + 1 < levels.length) walk(level + 1, i, place);
        else for (const each of place) indices[next++] = BigInt(each);
      }
    };
    for (let row = 0; row < levels[0]!.length - 1; row++) walk(0, row, [row]);
    const shape = [levels[0]!.length - 1, ...levels.map(longest)];
    return [
      tensor("int64", [count, rank], indices),
      values,
      tensor("int64", [rank], BigInt64Array.from(shape, BigInt)),
    ];
  },
};
