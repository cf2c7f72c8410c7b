import { invalidArgument } from "../../../../../core/index.js";
import { CLOSE_LIST, COMMA, OPEN_LIST, skipSpace } from "../scan/chars.js";
import { finish, type Resumable } from "../slices.js";
import type { Elements } from "./elements.js";
import { type OpenLists, unequalList } from "./open-lists.js";
import { valueError } from "./quote.js";

// TensorFlow's own limit.
const MOST_DIMENSIONS = 254;

/** Reads one value, a scalar or lists in lists, into `elements`; may be begun again for the next. */
export interface DenseReader extends Resumable {
  begin(at: number): void;
  /** Of the value that was read. */
  shape(): readonly number[];
  /** Reads the value at `at` to its end. @throws INVALID_ARGUMENT in the words of TensorFlow Serving */
  read(at: number, signal: AbortSignal): Promise<void>;
  /** What is wrong, given what `step` threw: a list of wrong size around it comes first. */
  blame(error: unknown, signal: AbortSignal): Promise<unknown>;
}

// Thrown to reach `blame`, which finds the list and the text. One for all: an error made for each request costs its stack.
const unequal = new Error("a list differs in size from the first of its level");

/**
 * The shape is the one that the first elements of the lists show; all the rest must agree with it. `sizes` is -1 for
 * those lists while they are open; `counts` are of the values behind us in the open list of each level.
 */
export function createDenseReader(json: Buffer, elements: Elements): DenseReader {
  let position = 0;
  let level = 0;
  let rank = -1;
  let sizes: number[] = [];
  const counts: number[] = [];

  const begin = (at: number): void => {
    position = at;
    level = 0;
    rank = -1;
    // Not emptied: whoever read the last value may hold its shape.
    sizes = [];
  };

  const tooDeep = (at: number): Error =>
    json[at] === OPEN_LIST
      ? rank < 0
        ? invalidArgument(`lists are nested too deep: a tensor has at most ${MOST_DIMENSIONS} dimensions`)
        : invalidArgument(`Encountered list at unexpected level: ${level} expected < ${rank}`)
      : valueError(json, at, `found at incorrect level: ${level + 1} in the JSON DOM. Expected at level: ${rank}`);

  /** The empty list at `position` is a value; it ends the search for the shape or must be expected. */
  const takeEmpty = (): void => {
    if (rank < 0) {
      sizes.push(0);
      rank = level + 1;
    } else if (sizes[level] !== 0) {
      throw invalidArgument(`Encountered list at unexpected size: 0 at level: ${level} expected size: ${sizes[level]}`);
    }
  };

  const step = (limit: number): boolean => {
    for (;;) {
      const at = position;
      if (json[at] === OPEN_LIST) {
        if (level === (rank < 0 ? MOST_DIMENSIONS : rank)) throw tooDeep(at);
        const inner = skipSpace(json, at + 1);
        if (json[inner] !== CLOSE_LIST) {
          if (rank < 0) sizes.push(-1);
          counts[level++] = 0;
          position = inner;
          // Deep nesting alone is bounded by the limit on dimensions, so no slice ends here.
          continue;
        }
        takeEmpty();
        position = inner + 1;
      } else {
        if (rank < 0) rank = level;
        else if (level !== rank) throw tooDeep(at);
        position = elements.read(at);
      }

      // Behind a value: on to the next, through all lists that end here.
      for (;;) {
        if (level === 0) return true;
        const list = level - 1;
        const next = skipSpace(json, position);
        const count = (counts[list] as number) + 1;
        const size = sizes[list] as number;
        if (json[next] === COMMA) {
          counts[list] = count;
          position = skipSpace(json, next + 1);
          break;
        }
        if (size < 0) sizes[list] = count;
        else if (count !== size) throw unequal;
        position = next + 1;
        level = list;
      }
      if (position >= limit) return false;
    }
  };

  const reader: DenseReader = {
    begin,
    step,
    get at() {
      return position;
    },
    shape: () => sizes,
    read: async (at, signal) => {
      begin(at);
      try {
        await finish(reader, signal);
      } catch (error) {
        throw await reader.blame(error, signal);
      }
    },
    blame: async (error, signal) => {
      if (signal.aborted) return error;
      const lists: OpenLists = { at: position, sizes, counts: counts.slice(0, level) };
      return (await unequalList(json, lists, signal)) ?? error;
    },
  };
  return reader;
}
