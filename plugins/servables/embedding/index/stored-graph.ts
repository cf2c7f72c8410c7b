import { closeSync, existsSync, fstatSync, openSync, readSync, renameSync, rmSync } from "node:fs";
import { failedPrecondition, messageOf } from "../../../../core/index.js";
import type { UsearchIndex } from "./usearch.js";

export type TableSize = { readonly rows: number; readonly width: number };

const MAGIC = "usearch";
const COUNTS_BYTES = 8;
const HEADER_BYTES = 64;
/** The graph keeps numbers in 16 bits. */
const ITEM = 2;

/**
 * Why a file cannot be the graph of a table so large; undefined where it can. A stored graph begins with its counts and
 * its vectors, then comes a header. The library itself trusts the counts, and ends the process where they lie.
 */
function obstacle(file: string, { rows, width }: TableSize): string | undefined {
  const fd = openSync(file, "r");
  try {
    const counts = Buffer.alloc(COUNTS_BYTES);
    const { size } = fstatSync(fd);
    const got = readSync(fd, counts, 0, COUNTS_BYTES, 0);
    const [itsRows, itsBytes] = [counts.readUInt32LE(0), counts.readUInt32LE(4)];
    if (got < COUNTS_BYTES) return `it has ${size} bytes`;
    if (itsRows !== rows) return `it has ${itsRows} rows, the table ${rows}`;
    if (itsBytes !== ITEM * width) return `its rows have ${itsBytes} bytes each, not ${ITEM * width}`;
    const at = COUNTS_BYTES + rows * itsBytes;
    const magic = Buffer.alloc(MAGIC.length);
    readSync(fd, magic, 0, magic.length, at);
    if (size < at + HEADER_BYTES || magic.toString("latin1") !== MAGIC) return "it was cut short, or is no graph";
    return undefined;
  } finally {
    closeSync(fd);
  }
}

export const foreignGraph = (metric: string, detail: string, cause?: unknown) =>
  failedPrecondition(`the stored graph, index.${metric}.usearch, is not of this table: ${detail}. Delete it`, cause);

/**
 * Makes `index` the graph in `file`, left in the file; false where there is none.
 * @throws FAILED_PRECONDITION for what is no graph of a table so large
 */
export function viewGraph(index: UsearchIndex, file: string | undefined, size: TableSize, metric: string): boolean {
  if (file === undefined || !existsSync(file)) return false;
  const detail = obstacle(file, size);
  if (detail !== undefined) throw foreignGraph(metric, detail);
  try {
    index.view(file);
  } catch (error) {
    throw foreignGraph(metric, messageOf(error), error);
  }
  return true;
}

/** Written beside and renamed, so that nobody sees half of it. */
export function storeGraph(index: UsearchIndex, file: string): void {
  const beside = `${file}.${process.pid}.new`;
  try {
    index.save(beside);
    renameSync(beside, file);
  } catch (error) {
    rmSync(beside, { force: true });
    throw failedPrecondition("the graph could not be stored beside the table; choose keepIndex: false", error);
  }
}
