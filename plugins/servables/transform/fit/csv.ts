import { isUtf8 } from "node:buffer";
import { createReadStream } from "node:fs";
import { basename } from "node:path";
import { failedPrecondition, invalidArgument, isServingError, messageOf } from "../../../../core/index.js";
import type { Column, ColumnType } from "../column.js";
import { type CellReader, type CellRules, cellReader } from "./csv-columns.js";
import { CsvError, type CsvRecord, createCsvParser } from "./csv-parser.js";

export type CsvSource = CellRules & {
  readonly delimiter: string;
  /** The columns to read, by the header's names. */
  readonly columns: ReadonlyMap<string, ColumnType>;
};

/** Some rows. */
export type CsvBatch = {
  readonly columns: ReadonlyMap<string, Column>;
  readonly rows: number;
  /** Where each row begins, from 1. */
  readonly lines: readonly number[];
  /** Bytes of the file that have been read by then. */
  readonly read: number;
};

const BATCH = 4096;
const BOM = Buffer.of(0xef, 0xbb, 0xbf);

function namesOf({ bytes, starts, ends, count }: CsvRecord): readonly string[] {
  const header = Array.from({ length: count }, (_, i) => Buffer.from(bytes.subarray(starts[i], ends[i])).toString());
  const twice = header.find((name, i) => header.indexOf(name) < i);
  if (twice !== undefined) throw new CsvError(1, `the header has "${twice}" twice`);
  return header;
}

/** The bytes at the end that begin a character and do not end it. */
function openBytes(bytes: Uint8Array): number {
  for (let back = 1; back <= 3 && back <= bytes.length; back++) {
    const byte = bytes[bytes.length - back]!;
    if (byte >= 0xc0) return back < (byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2) ? back : 0;
    if (byte < 0x80) return 0;
  }
  return 0;
}

/** A file in pieces that end with a character each, without its byte order mark. @throws INVALID_ARGUMENT when it is not UTF-8 */
async function* textBytes(path: string): AsyncGenerator<Buffer> {
  const check = (fine: boolean) => {
    if (!fine) throw invalidArgument(`${basename(path)} is not UTF-8`);
  };
  let left: Buffer = Buffer.alloc(0);
  let begun = false;
  for await (const chunk of createReadStream(path, { highWaterMark: 2 ** 18 }) as AsyncIterable<Buffer>) {
    const bytes = left.length > 0 ? Buffer.concat([left, chunk]) : chunk;
    const whole = bytes.subarray(0, bytes.length - openBytes(bytes));
    left = bytes.subarray(whole.length);
    check(isUtf8(whole));
    yield !begun && whole.subarray(0, BOM.length).equals(BOM) ? whole.subarray(BOM.length) : whole;
    begun ||= whole.length > 0;
  }
  check(left.length === 0);
}

/**
 * Columns of a CSV file of any size in batches, UTF-8 with or without a byte order mark. The first record names the columns.
 * @throws INVALID_ARGUMENT with file and line for a record of another length than the header's, broken quotes, or a cell
 *   that is not of its dtype; FAILED_PRECONDITION when the file cannot be read
 */
export async function* readCsv({ file, delimiter, columns, ...rules }: CsvSource): AsyncGenerator<CsvBatch> {
  const name = basename(file);
  let header: readonly string[] | undefined;
  let readers: readonly (readonly [name: string, reader: CellReader])[] = [];
  let lines: number[] = [];
  let read = 0;
  const parser = createCsvParser((record) => {
    const { bytes, starts, ends, count, line } = record;
    if (!header) {
      const names = namesOf(record);
      header = names;
      readers = [...columns].map(([column, type]) => [column, cellReader(names, column, type, { file, ...rules })]);
      return;
    }
    if (count !== header.length) throw new CsvError(line, `${count} fields where the header has ${header.length}`);
    for (const [, { place, add }] of readers) add(bytes, starts[place]!, ends[place]!, line);
    lines.push(line);
  }, delimiter);
  const take = (): CsvBatch => {
    const taken = new Map(readers.map(([column, reader]) => [column, reader.take()]));
    const batch = { columns: taken, rows: lines.length, lines, read };
    lines = [];
    return batch;
  };
  try {
    for await (const piece of textBytes(file)) {
      parser.push(piece);
      read += piece.length;
      if (lines.length >= BATCH) yield take();
    }
    parser.end();
  } catch (error) {
    if (isServingError(error)) throw error;
    if (error instanceof CsvError) throw invalidArgument(`${name}:${error.line}: ${error.message}`, error);
    throw failedPrecondition(`${name} cannot be read: ${messageOf(error)}`, error);
  }
  if (!header) throw invalidArgument(`${name} is empty: expected a header with the names of the columns`);
  yield take();
}
