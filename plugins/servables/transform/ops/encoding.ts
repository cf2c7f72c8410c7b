import { z } from "zod";
import { type ColumnType, numbersOf, widthOf } from "../column.js";
import { oneList, oneOfIds } from "./expect.js";
import { defineOp, type Opened, refuse } from "./op.js";
import { count } from "./values.js";

const options = {
  depth: count()
    .optional()
    .describe("How many ids there are; known where a step such as lookup, hash or bucketize made them."),
};

function depthOf(type: ColumnType, depth: number | undefined): number {
  return depth ?? type.ids ?? refuse("missing: how many ids there are is not known of this column", "depth");
}

/** Rows of `depth`; `mark` writes into them. Ids outside of 0 … depth - 1 leave no mark. */
function marking(type: ColumnType, depth: number, mark: (values: Float32Array, at: number) => void): Opened {
  const lead = type.row.length === 0 ? [] : type.row.slice(0, -1);
  return {
    types: [{ dtype: "float32", row: [...lead, depth] }],
    run: ([column], rows) => {
      const ids = numbersOf(column);
      const width = column!.row.at(-1) ?? 1;
      const groups = rows * widthOf({ row: column!.row.slice(0, -1) });
      const values = new Float32Array(groups * depth);
      for (let group = 0, at = 0; group < groups; group++) {
        for (let i = 0; i < width; i++, at++) {
          const id = ids[at]!;
          if (id >= 0 && id < depth) mark(values, group * depth + id);
        }
      }
      return [{ dtype: "float32", row: [...column!.row.slice(0, -1), depth], values }];
    },
  };
}

export const oneHotOp = defineOp({
  name: "one-hot",
  about: "A row of zeros with a 1 at the place of the id; ids outside of 0 … depth - 1 give zeros alone.",
  takes: "ids",
  gives: "float32, a list more of depth",
  options: z.strictObject(options),
  open: (inputs, { depth }) => {
    const type = oneOfIds(inputs);
    const places = { ...type, row: [...type.row, 1] };
    const opened = marking(places, depthOf(type, depth), (values, at) => {
      values[at] = 1;
    });
    const run: Opened["run"] = ([column], ...rest) => opened.run([{ ...column!, row: [...column!.row, 1] }], ...rest);
    return { ...opened, run };
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
  open: (inputs, { depth, count: counted }) => {
    const type = oneOfIds(inputs);
    oneList(inputs);
    const mark = counted
      ? (values: Float32Array, at: number) => {
          values[at]! += 1;
        }
      : (values: Float32Array, at: number) => {
          values[at] = 1;
        };
    return marking(type, depthOf(type, depth), mark);
  },
});
