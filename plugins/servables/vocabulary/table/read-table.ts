import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { basename } from "node:path";
import { failedPrecondition } from "../../../../core/index.js";
import { readDelimited } from "../read/delimited.js";
import { complaints, type Entries } from "../read/entries.js";
import { readJson } from "../read/json.js";
import { readText } from "../read/text.js";
import { buildTable } from "./build.js";
import type { Table } from "./table.js";

export type TableFormat = "text" | "csv" | "tsv" | "json";

/** What a thread needs to know to read a table. */
export type TableRequest = {
  readonly path: string;
  readonly format: TableFormat;
  readonly delimiter?: string | undefined;
  readonly header: boolean;
  readonly key?: string | number | undefined;
  readonly value?: string | number | undefined;
};

const LARGEST_FILE = 2 ** 32 - 1;
const CHUNK = 2 ** 26;
const delimiters = { csv: ",", tsv: "\t" } as const;

/** In an array of its own: a Buffer may be a part of a larger one, which could not be given away. */
function readWhole(path: string): Uint8Array<ArrayBuffer> {
  const name = basename(path);
  const file = openSync(path, "r");
  try {
    const { size } = fstatSync(file);
    if (size > LARGEST_FILE)
      throw failedPrecondition(`${name} has ${size} bytes; at most ${LARGEST_FILE} can be served`);
    const bytes = new Uint8Array(size);
    for (let at = 0; at < size; ) {
      const count = readSync(file, bytes, at, Math.min(CHUNK, size - at), at);
      if (count === 0) throw failedPrecondition(`${name} became shorter while it was read`);
      at += count;
    }
    return bytes;
  } finally {
    closeSync(file);
  }
}

/** Blocks: for a thread. @throws FAILED_PRECONDITION that names the file and, where there is one, the line */
export function readTable(request: TableRequest): Table {
  const { path, format, delimiter, ...wanted } = request;
  const name = basename(path);
  const complain = complaints(name);
  const bytes = readWhole(path);
  if (bytes.length === 0) throw failedPrecondition(`${name} is empty`);
  const read = (): Entries => {
    if (format === "text") return readText(bytes, complain);
    if (format === "json") return readJson(bytes, complain);
    const code = (delimiter ?? delimiters[format]).charCodeAt(0);
    if (code > 127) throw failedPrecondition(`the delimiter "${delimiter}" is no character of ASCII`);
    return readDelimited(bytes, name, { delimiter: code, quotes: format === "csv" }, wanted, complain);
  };
  return buildTable(read(), name, complain);
}

/** The arrays under a table, to be given away. */
export const buffersOf = ({ bytes, offsets, slots, ids }: Table): ArrayBuffer[] =>
  [bytes, offsets, slots, ...(ids ? [ids] : [])].map(({ buffer }) => buffer);
