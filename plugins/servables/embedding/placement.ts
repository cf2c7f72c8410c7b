import { constants } from "node:fs";
import { access } from "node:fs/promises";
import { abortError, dataLoss, type Logger, messageOf } from "../../../core/index.js";
import { type FileMapping, mapFile } from "../../runtimes/native/index.js";
import { inThread, startThread } from "../../runtimes/threads/index.js";
import { READER, READER_MODULE, type ReadQuestion } from "./read/questions.js";
import type { FilePlace, ReadTable } from "./read/read-table.js";
import type { Place } from "./table/finite.js";
import { type MatrixParts, storedBytes } from "./table/matrix.js";
import { alwaysWarm, neverWarm, type Warmth, warmthOf } from "./table/warmth.js";

/** A table in memory, and who gives the memory back. */
export interface Placed {
  readonly read: ReadTable;
  readonly parts: MatrixParts;
  readonly warmth: Warmth;
  readonly mapped: boolean;
  /** Comes after the last use of the memory in all threads. */
  release(): Promise<void>;
}

function partsOf({ dtype, rows, width, scales }: ReadTable, memory: MatrixParts["memory"]): MatrixParts {
  return { dtype, rows, width, memory, ...(scales ? { scales } : {}) };
}

/** Linux tells which pages of a file are there only to those who may write it. */
const tellsOfPages = (path: string): Promise<boolean> =>
  access(path, constants.W_OK).then(
    () => true,
    () => false,
  );

async function placeMapping(read: ReadTable, place: FilePlace, mapping: FileMapping): Promise<Placed> {
  const { path, offset, length } = place;
  const parts = partsOf(read, { address: mapping.address + BigInt(offset), length });
  const warmth = (await tellsOfPages(path)) ? await warmthOf(mapping, offset, parts) : neverWarm;
  return { read, parts, warmth, mapped: true, release: async () => mapping[Symbol.asyncDispose]() };
}

/** Maps a table that can stay in its file; where the system refuses, `copy` reads it. */
export async function placeTable(read: ReadTable, copy: () => Promise<ReadTable>, log: Logger): Promise<Placed> {
  const { memory } = read;
  if (memory instanceof SharedArrayBuffer) {
    return { read, parts: partsOf(read, memory), warmth: alwaysWarm, mapped: false, release: async () => {} };
  }
  let mapping: FileMapping;
  try {
    mapping = await mapFile(memory.path, memory.offset + memory.length);
  } catch (error) {
    log.warn({ reason: messageOf(error) }, `${read.what} cannot be mapped, it is copied`);
    return placeTable(await copy(), copy, log);
  }
  return placeMapping(read, memory, mapping);
}

/** A thread that looks at mapped memory has ended before anybody can unmap it. */
async function askAlone<Value>(question: ReadQuestion, signal: AbortSignal): Promise<Value> {
  if (signal.aborted) throw abortError(signal);
  const thread = startThread(READER_MODULE, READER);
  const stop = () => void thread.stop();
  signal.addEventListener("abort", stop, { once: true });
  try {
    return await thread.ask<Value>(question);
  } catch (error) {
    throw signal.aborted ? abortError(signal) : error;
  } finally {
    signal.removeEventListener("abort", stop);
    await thread.stop();
  }
}

/** Larger tables are looked through only when that is asked for: it would read all of a file that is mapped. */
const MOST_CHECKED = 2 ** 30;

/** @throws DATA_LOSS naming the row and the column of the first number that is none */
export async function checkTable(
  { parts, read, mapped, warmth }: Placed,
  check: "auto" | "always" | "never",
  signal: AbortSignal,
): Promise<void> {
  const { dtype, rows, width } = parts;
  if (check === "never" || (check === "auto" && rows * width * storedBytes[dtype] > MOST_CHECKED)) return;
  const question: ReadQuestion = { task: "check", parts };
  const found = mapped
    ? await askAlone<Place | undefined>(question, signal)
    : await inThread<Place | undefined>(READER_MODULE, READER, question, signal);
  if (!found) return warmth.touchedAll();
  throw dataLoss(
    `${read.what}, row ${found.row}, column ${found.column}: NaN or infinity. Mend the table, or choose check: never`,
  );
}
