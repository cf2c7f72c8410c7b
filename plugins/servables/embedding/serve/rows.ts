import { setImmediate as turn } from "node:timers/promises";
import { abortError, invalidArgument, type TensorOf } from "../../../../core/index.js";
import type { TokenTable } from "../../../../formats/token-table/token-table.js";

/** What stands in place of a row: one that the table lacks, and what is to be passed over. */
export const MISSING = -1;
export const PADDING = -2;

export type RowRules = {
  /** Rows of the table. */
  readonly size: number;
  /** Whether what the table lacks is an error; else it is `MISSING`. */
  readonly strict: boolean;
  /** The id that is `PADDING`; for keys, whether the empty one is. */
  readonly padding?: bigint | undefined;
};

/** `[2,0]`: where element `index` of a tensor stands. */
function placeOf(index: number, shape: readonly number[]): string {
  const place: number[] = [];
  let rest = index;
  for (const size of [...shape].reverse()) {
    place.unshift(rest % size);
    rest = Math.floor(rest / size);
  }
  return `[${place}]`;
}

/** @throws INVALID_ARGUMENT, where the rules are strict, naming the id, its place and the table's size */
export function rowsOfIds(
  { data, shape }: TensorOf<"int64">,
  { size, strict, padding }: RowRules,
): Int32Array<ArrayBuffer> {
  const rows = new Int32Array(data.length);
  // The halves of the numbers: bigints would be made for each of them.
  const halves = new Int32Array(data.buffer, data.byteOffset, 2 * data.length);
  for (let i = 0; i < rows.length; i++) {
    const low = halves[2 * i]!;
    if (halves[2 * i + 1] === 0 && low >= 0 && low < size) rows[i] = low;
    else rows[i] = MISSING;
    if (padding !== undefined && data[i] === padding) rows[i] = PADDING;
    if (rows[i] === MISSING && strict) {
      throw invalidArgument(
        `id ${data[i]} at ${placeOf(i, shape)} is not in the table, which has the ids 0 to ${size - 1}`,
      );
    }
  }
  return rows;
}

/** Keys that are looked up between two turns of the event loop: about 1 ms of work. */
const AT_ONCE = 4096;
const LONGEST_SHOWN = 60;

/** @throws INVALID_ARGUMENT, where the rules are strict, naming the key, its place and the table's size */
export async function rowsOfKeys(
  { data, shape }: TensorOf<"string">,
  keys: TokenTable,
  { size, strict, padding }: RowRules,
  signal: AbortSignal,
): Promise<Int32Array<ArrayBuffer>> {
  const rows = new Int32Array(data.length);
  for (let i = 0; i < rows.length; i++) {
    if (i > 0 && i % AT_ONCE === 0) {
      await turn();
      if (signal.aborted) throw abortError(signal);
    }
    const key = data[i]!;
    const row = padding !== undefined && key.length === 0 ? PADDING : keys.find(key);
    rows[i] = row;
    if (row === MISSING && strict) {
      const shown = JSON.stringify(Buffer.from(key).toString().slice(0, LONGEST_SHOWN));
      throw invalidArgument(`key ${shown} at ${placeOf(i, shape)} is not in the table, which has ${size} keys`);
    }
  }
  return rows;
}
