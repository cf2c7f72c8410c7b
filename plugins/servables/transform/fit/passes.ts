import { setImmediate as turn } from "node:timers/promises";
import type { Column } from "../column.js";
import type { CsvBatch } from "./csv.js";

/** Data of up to so many bytes is kept from the first pass for the others. */
const MOST_KEPT = 2 ** 28;

/** Of a string: one for many, or one of its own. */
const LEAST = 64;

function bytesIn(column: Column): number {
  if (column.dtype !== "string") return column.values.byteLength;
  return column.texts().reduce((sum, { length }) => sum + Math.max(LEAST, length), 0);
}

const sizeOf = ({ columns, rows }: CsvBatch) =>
  [...columns.values()].reduce((sum, column) => sum + bytesIn(column), rows * 8);

/** The same batches again and again: read each time, or once where they are few enough to be kept in memory. */
export function createPasses(read: () => AsyncIterable<CsvBatch>, most = MOST_KEPT): () => AsyncIterable<CsvBatch> {
  let kept: readonly CsvBatch[] | undefined;
  async function* reading() {
    const batches: CsvBatch[] = [];
    let size = 0;
    for await (const batch of read()) {
      size += sizeOf(batch);
      if (size <= most) batches.push(batch);
      else batches.length = 0;
      yield batch;
    }
    if (size <= most) kept = batches;
  }
  async function* again(batches: readonly CsvBatch[]) {
    for (const batch of batches) {
      yield batch;
      await turn();
    }
  }
  return () => (kept ? again(kept) : reading());
}
