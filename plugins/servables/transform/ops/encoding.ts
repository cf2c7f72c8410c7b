import { z } from "zod";
import { type ColumnType, type Hot, type NumberColumn, numbersOf } from "../column.js";
import { oneList, oneOfIds } from "./expect.js";
import { defineOp, refuse } from "./op.js";
import { count } from "./values.js";

/** A row of more would be 4 MiB or more of zeros. */
const DEEPEST = 2 ** 20;

const options = {
  depth: count()
    .optional()
    .describe(
      "How many ids there are, 1048576 at most; known where a step such as lookup, hash or bucketize made them.",
    ),
};

function depthOf(type: ColumnType, depth: number | undefined): number {
  const known = depth ?? type.ids ?? refuse("missing: how many ids there are is not known of this column", "depth");
  if (known <= DEEPEST) return known;
  return refuse(
    `${known} numbers a row are too many, ${DEEPEST} at most; \`hash\` to fewer, or embed the ids`,
    "depth",
  );
}

function written({ ids, depth }: Hot): Float32Array {
  const values = new Float32Array(ids.length * depth);
  for (let i = 0, at = 0; i < ids.length; i++, at += depth) {
    const id = ids[i]!;
    if (id >= 0 && id < depth) values[at + id] = 1;
  }
  return values;
}

function hotColumn(hot: Hot, row: readonly number[]): NumberColumn {
  let values: Float32Array | undefined;
  return {
    dtype: "float32",
    row,
    hot,
    get values() {
      values ??= written(hot);
      return values;
    },
  };
}

export const oneHotOp = defineOp({
  name: "one-hot",
  about: "A row of zeros with a 1 at the place of the id; ids outside of 0 … depth - 1 give zeros alone.",
  takes: "ids",
  gives: "float32, a list more of depth",
  options: z.strictObject(options),
  open: (inputs, { depth: asked }) => {
    const type = oneOfIds(inputs);
    const depth = depthOf(type, asked);
    return {
      types: [{ dtype: "float32", row: [...type.row, depth] }],
      run: ([column]) => [hotColumn({ ids: numbersOf(column), depth }, [...column!.row, depth])],
    };
  },
});

export const multiHotOp = defineOp({
  name: "multi-hot",
  about:
    "A row of zeros with a 1 at the place of each id of a list; ids outside of 0 … depth - 1, such as a padding of -1, are passed over.",
  takes: "lists of ids",
  gives: "float32 [n, depth]",
  options: z.strictObject({
    ...options,
    count: z.boolean().default(false).describe("How often each id comes, rather than 1."),
  }),
  open: (inputs, { depth: asked, count: counted }) => {
    const type = oneOfIds(inputs);
    oneList(inputs);
    const depth = depthOf(type, asked);
    return {
      types: [{ dtype: "float32", row: [depth] }],
      run: ([column], rows) => {
        const ids = numbersOf(column);
        const [width] = column!.row as [number];
        const values = new Float32Array(rows * depth);
        for (let row = 0, at = 0; row < rows; row++) {
          for (let i = 0; i < width; i++, at++) {
            const id = ids[at]!;
            if (id < 0 || id >= depth) continue;
            if (counted) values[row * depth + id]! += 1;
            else values[row * depth + id] = 1;
          }
        }
        return [{ dtype: "float32", row: [depth], values }];
      },
    };
  },
});
