import type { Tensor } from "../../../../core/index.js";
import type { Matrix } from "../table/matrix.js";

/** Rows of a table that lie together, as a tensor without a copy. */
export type Block = { readonly from: number; readonly count: number; readonly tensor: Tensor };

/** Some rows of one of a table's segments. */
export function blockAt({ dtype, width, shift, segments }: Matrix, from: number, count: number): Block {
  const segment = segments[from >>> shift]!;
  const first = shift === 31 ? from : from & (2 ** shift - 1);
  const data = segment.subarray(first * width, (first + count) * width);
  return { from, count, tensor: { dtype, shape: [count, width], data } as Tensor };
}

/** All rows of a table in blocks of at most `most` rows, in order. */
export function* blocksOf(matrix: Matrix, most: number): Generator<Block> {
  const { rows, shift } = matrix;
  const inSegment = shift === 31 ? rows : 2 ** shift;
  for (let from = 0; from < rows; ) {
    const end = Math.min(rows, (Math.floor(from / inSegment) + 1) * inSegment);
    const count = Math.min(most, end - from);
    yield blockAt(matrix, from, count);
    from += count;
  }
}
