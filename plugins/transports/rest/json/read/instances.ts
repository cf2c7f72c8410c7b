import { invalidArgument, record, type Signature, type Tensors, toServingError } from "../../../../../core/index.js";
import { CLOSE_LIST, OPEN_LIST, skipSpace } from "../scan/chars.js";
import { finish } from "../slices.js";
import { createColumn } from "./column.js";
import { requiredInputs } from "./inputs.js";
import { valueError } from "./quote.js";
import { createRowReader, inRow, isNamed } from "./rows.js";

/**
 * The row form: the value at `at` is a list of rows; a row is the value of the one input, or an object with a value
 * for each. All rows have one shape, and their number becomes dimension 0.
 * @throws INVALID_ARGUMENT in the words of TensorFlow Serving
 */
export async function readInstances(
  json: Buffer,
  at: number,
  signature: Signature,
  signal: AbortSignal,
): Promise<Tensors> {
  if (json[at] !== OPEN_LIST) throw valueError(json, at, "Expecting 'instances' to be an list/array");
  const first = skipSpace(json, at + 1);
  if (json[first] === CLOSE_LIST) throw valueError(json, at, "No values in 'instances' array");
  const inputs = Object.entries(signature.inputs);
  const named = isNamed(json, first);
  if (!named && inputs.length !== 1) {
    throw invalidArgument(
      "instances is a plain list, but expecting list of objects as multiple input tensors required as per tensorinfo_map",
    );
  }

  const columns = record(inputs.map(([name, { dtype }]) => [name, createColumn(json, name, dtype)]));
  const rows = createRowReader(json, first, named, columns, requiredInputs(signature));
  try {
    await finish(rows, signal);
  } catch (error) {
    const { index, column } = rows.now();
    if (column === undefined || signal.aborted) throw error;
    throw inRow(toServingError(await column.reader.blame(error, signal)), index, named ? column.name : undefined);
  }
  const read = Object.values(columns).filter((column) => column.rows() > 0);
  return record(read.map((column) => [column.name, column.tensor()]));
}
