import { createReadStream } from "node:fs";
import { basename } from "node:path";
import { failedPrecondition, invalidArgument, messageOf } from "../../../../core/index.js";
import { CsvError, createCsvParser } from "./csv-parser.js";

export type CsvOptions = {
  readonly delimiter?: string;
  /** Is told how many bytes have been read. */
  readonly onBytes?: (read: number) => void;
};

/** Some records, by columns of the header. */
export type CsvBatch = {
  readonly header: readonly string[];
  readonly records: readonly (readonly string[])[];
  /** Where each record begins, from 1. */
  readonly lines: readonly number[];
};

const BATCH = 4096;

function checkHeader(header: readonly string[]): void {
  const twice = header.find((name, i) => header.indexOf(name) < i);
  if (twice !== undefined) throw new CsvError(1, `the header has "${twice}" twice`);
}

/**
 * A CSV file of any size in batches, UTF-8 with or without a byte order mark. The first record names the columns.
 * @throws INVALID_ARGUMENT with file and line for a record of another length than the header's, or broken quotes;
 *   FAILED_PRECONDITION when the file cannot be read
 */
export async function* readCsv(path: string, { delimiter, onBytes }: CsvOptions = {}): AsyncGenerator<CsvBatch> {
  const name = basename(path);
  let header: readonly string[] | undefined;
  let [records, lines]: [(readonly string[])[], number[]] = [[], []];
  const parser = createCsvParser((fields, line) => {
    if (!header) {
      checkHeader(fields);
      header = fields;
    } else if (fields.length === header.length) {
      records.push(fields);
      lines.push(line);
    } else {
      throw new CsvError(line, `${fields.length} fields where the header has ${header.length}`);
    }
  }, delimiter);
  const take = (): CsvBatch => {
    const batch = { header: header ?? [], records, lines };
    [records, lines] = [[], []];
    return batch;
  };
  const decoder = new TextDecoder("utf-8", { fatal: true });
  let read = 0;
  try {
    for await (const chunk of createReadStream(path, { highWaterMark: 2 ** 18 }) as AsyncIterable<Buffer>) {
      parser.push(decoder.decode(chunk, { stream: true }));
      read += chunk.length;
      onBytes?.(read);
      if (records.length >= BATCH) yield take();
    }
    parser.push(decoder.decode());
    parser.end();
  } catch (error) {
    if (error instanceof CsvError) throw invalidArgument(`${name}:${error.line}: ${error.message}`, error);
    if (error instanceof TypeError) throw invalidArgument(`${name} is not UTF-8`, error);
    throw failedPrecondition(`${name} cannot be read: ${messageOf(error)}`, error);
  }
  if (!header) throw invalidArgument(`${name} is empty: expected a header with the names of the columns`);
  yield take();
}
