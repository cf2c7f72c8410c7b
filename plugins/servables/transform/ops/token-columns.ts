import type { Column, ColumnType } from "../column.js";

export type TokenColumns = {
  readonly length: number;
  readonly pad: number;
  /** 1: ids; 2: the mask too. */
  readonly results: number;
  /** How many ids there are. */
  readonly ids: number;
};

/** Ids of one length a row, and where wanted the mask that is 1 for a token and 0 for padding. */
export function idsAndMask({ length, pad, results, ids }: TokenColumns) {
  const row = [length];
  const types: readonly ColumnType[] = [
    { dtype: "int64", row, ids },
    { dtype: "int64", row, ids: 2 },
  ];
  return {
    types: types.slice(0, results),
    of: (rows: number, idsOf: (row: number) => readonly number[]): readonly Column[] => {
      const values = new Int32Array(rows * length).fill(pad);
      const mask = new Int32Array(rows * length);
      for (let at = 0; at < rows; at++) {
        const found = idsOf(at);
        for (let i = 0; i < found.length && i < length; i++) {
          values[at * length + i] = found[i]!;
          mask[at * length + i] = 1;
        }
      }
      const columns: readonly Column[] = [
        { dtype: "int64", row, values },
        { dtype: "int64", row, values: mask },
      ];
      return columns.slice(0, results);
    },
  };
}
