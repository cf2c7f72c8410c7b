import { join } from "node:path";
import { failedPrecondition } from "../../../core/index.js";
import { inThread } from "../../runtimes/threads/index.js";
import type { TableFiles } from "./files.js";
import type { EmbeddingOptions } from "./options.js";
import { READER, READER_MODULE, type ReadQuestion } from "./read/questions.js";
import { type MatrixParts, openMatrix } from "./table/matrix.js";
import { createRowReader } from "./table/rows.js";

/**
 * The vector of what the table lacks; undefined where it is zeros, or an error.
 * @throws FAILED_PRECONDITION when it is not there or does not fit the table
 */
export async function defaultVector(
  { unknown, default: given }: EmbeddingOptions,
  parts: MatrixParts,
  files: TableFiles,
  signal: AbortSignal,
): Promise<Float32Array | undefined> {
  if (unknown !== "default") {
    if (given === undefined) return undefined;
    throw failedPrecondition(`the option \`default\` goes with unknown: default; it is ${unknown}`);
  }
  if (given === undefined) throw failedPrecondition("unknown: default needs a vector, in the option `default`");
  const vector = await vectorOf(given, parts, files, signal);
  if (vector.length !== parts.width) {
    throw failedPrecondition(`the default vector has ${vector.length} numbers, the table's have ${parts.width}`);
  }
  const bad = vector.findIndex((each) => !Number.isFinite(each));
  if (bad >= 0) throw failedPrecondition(`number ${bad} of the default vector is ${vector[bad]}`);
  return vector;
}

async function vectorOf(
  given: readonly number[] | number | string,
  parts: MatrixParts,
  { folder }: TableFiles,
  signal: AbortSignal,
): Promise<Float32Array> {
  if (typeof given === "string") {
    if (folder === undefined)
      throw failedPrecondition(`there is no folder that could have ${given}, the default vector`);
    const question: ReadQuestion = { task: "vector", path: join(folder, given), name: given };
    return inThread<Float32Array>(READER_MODULE, READER, question, signal);
  }
  if (typeof given !== "number") return Float32Array.from(given);
  if (given >= parts.rows)
    throw failedPrecondition(`the default vector is row ${given}, the table has ${parts.rows} rows`);
  const reader = createRowReader(openMatrix(parts));
  const at = reader.seek(given);
  return reader.numbers.slice(at, at + parts.width);
}
