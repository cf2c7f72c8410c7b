import { invalidArgument, type ServingError } from "../../../../../core/index.js";
import { CLOSE_LIST, CLOSE_OBJECT, OPEN_OBJECT, skipSpace } from "../scan/chars.js";
import { createSkimmer } from "../scan/skimmer.js";
import type { Resumable } from "../slices.js";
import { base64Object } from "./base64.js";
import type { Column } from "./column.js";
import { readKey, startsWith, valueAfter } from "./members.js";
import { quote } from "./quote.js";

/** Whether the row at `at` names its values. `{"b64": …}` is a value. */
export const isNamed = (json: Buffer, at: number): boolean =>
  json[at] === OPEN_OBJECT && base64Object(json, at) === undefined;

export interface RowReader extends Resumable {
  /** The value under way, for errors; none while rows and their keys are looked at. */
  now(): { readonly index: number; readonly column: Column | undefined };
}

/** An error in one value of a row, in the words of TensorFlow Serving. */
export const inRow = (error: ServingError, index: number, key: string | undefined): ServingError =>
  invalidArgument(
    `Failed to process element: ${index}${key === undefined ? "" : ` key: ${key}`} of 'instances' list. ` +
      `Error: ${error.code}: ${error.message}`,
    error,
  );

/**
 * Reads rows into columns: the first row is at `first`, and `named` as all of them must be. A plain row belongs to the
 * only column. A row may leave out what is not `required`, if all do.
 */
export function createRowReader(
  json: Buffer,
  first: number,
  named: boolean,
  columns: Readonly<Record<string, Column>>,
  required: readonly string[],
): RowReader {
  const all = Object.values(columns);
  let position = first;
  let index = 0;
  let rowStart = first;
  // The column of the value under way, undefined while one is skipped; columns are expected in their order of before.
  let column: Column | undefined;
  let nextColumn = 0;
  let order: Column[] = [];
  let work: Resumable = createSkimmer(json, first);

  const read = (next: Column, at: number): void => {
    column = next;
    next.reader.begin(at);
    work = next.reader;
  };

  /** Goes to the value of the member at or after `position`. False where the row ends. */
  const nextMember = (): boolean => {
    const at = skipSpace(json, position);
    const likely = order[nextColumn];
    if (likely !== undefined && startsWith(json, at, likely.key) && likely.rows() === index) {
      nextColumn++;
      read(likely, valueAfter(json, at + likely.key.length));
      return true;
    }
    const key = readKey(json, at);
    if (key === undefined) return false;
    const found = columns[key.name];
    if (found === undefined) {
      throw inRow(invalidArgument(`JSON object: does not have named input: ${key.name}`), index, key.name);
    }
    // Of members of one name the first counts.
    if (found.rows() > index) {
      column = undefined;
      work = createSkimmer(json, key.value);
      return true;
    }
    if (index === 0) order.push(found);
    else order = all;
    read(found, key.value);
    return true;
  };

  const endRow = (): void => {
    const complete =
      required.every((name) => columns[name]?.rows() === index + 1) &&
      all.every((each) => each.rows() === 0 || each.rows() === index + 1);
    if (complete) return;
    throw invalidArgument(
      `Failed to process element: ${index} of 'instances' list. JSON object: ${quote(json, rowStart)} ` +
        `keys must be equal to: ${Object.keys(columns).sort().join(",")}`,
    );
  };

  /** Enters the row at `position`; false where it holds no value. */
  const enter = (): boolean => {
    if (isNamed(json, position) !== named) {
      throw invalidArgument(
        named
          ? `Expecting object but got list at item ${index} of input list`
          : `Expecting value/list but got object at item ${index} of input list`,
      );
    }
    if (!named) {
      read(all[0] as Column, position);
      return true;
    }
    rowStart = position++;
    nextColumn = 0;
    return nextMember();
  };

  /** From behind a value, or a row without one, to the next value. False at the end of all rows. */
  const next = (): boolean => {
    for (;;) {
      if (named) {
        position = skipSpace(json, position);
        const last = json[position++] === CLOSE_OBJECT;
        if (!last && nextMember()) return true;
        endRow();
      }
      index++;
      position = skipSpace(json, position);
      if (json[position] === CLOSE_LIST) return false;
      position = skipSpace(json, position + 1);
      if (enter()) return true;
    }
  };

  let entered = false;
  const step = (limit: number): boolean => {
    if (!entered) {
      entered = true;
      if (!enter() && !next()) return true;
    }
    for (;;) {
      if (!work.step(limit)) return false;
      column?.endValue();
      column = undefined;
      position = work.at;
      if (!next()) return true;
      if (position >= limit) return false;
    }
  };

  return {
    step,
    now: () => ({ index, column }),
    get at() {
      return entered ? work.at : position;
    },
  };
}
