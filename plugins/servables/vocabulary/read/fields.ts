import type { Complain } from "./entries.js";
import { markLength, NUL_FOUND } from "./text.js";

const [NUL, NEWLINE, RETURN, QUOTE] = [0, 10, 13, 34];

export type Separators = {
  /** One byte. */
  readonly delimiter: number;
  /** Whether a field may stand in double quotes, in which a quote is written twice. */
  readonly quotes: boolean;
};

/** Reads a table field by field. What it read last lies in `bytes` from `from` to `to`, over what was read before. */
export interface Fields {
  readonly from: number;
  readonly to: number;
  /** Of the field read last, from 1. */
  readonly line: number;
  /** Whether the field read last was its row's last one. */
  readonly endsRow: boolean;
  /** Whether another field follows. */
  more(): boolean;
  read(): void;
  /** The next fields are written behind the last one, which stays. */
  keep(): void;
}

/** @throws what `complain` makes of a NUL byte and of quotes that do not close or are followed by more */
export function createFields(bytes: Uint8Array, { delimiter, quotes }: Separators, complain: Complain): Fields {
  const { length } = bytes;
  let [at, from, to, line, nextLine, endsRow] = [markLength(bytes), 0, 0, 1, 1, true];

  const inQuotes = () => {
    for (at++; ; at++) {
      if (at >= length) throw complain(line, "a quote is opened and never closed");
      const byte = bytes[at]!;
      if (byte === NUL) throw complain(nextLine, NUL_FOUND);
      if (byte === NEWLINE) nextLine++;
      if (byte === QUOTE && bytes[++at] !== QUOTE) break;
      bytes[to++] = byte;
    }
    if (bytes[at] === RETURN) at++;
    if (at < length && bytes[at] !== NEWLINE && bytes[at] !== delimiter) {
      throw complain(nextLine, "a closing quote is followed by neither a delimiter nor the end of the line");
    }
  };
  const bare = () => {
    for (; at < length && bytes[at] !== NEWLINE && bytes[at] !== delimiter; at++) {
      if (bytes[at] === NUL) throw complain(line, NUL_FOUND);
      bytes[to++] = bytes[at]!;
    }
    const endsLine = at >= length || bytes[at] === NEWLINE;
    if (endsLine && to > from && bytes[to - 1] === RETURN) to--;
  };

  return {
    get from() {
      return from;
    },
    get to() {
      return to;
    },
    get line() {
      return line;
    },
    get endsRow() {
      return endsRow;
    },
    more: () => at < length,
    read: () => {
      line = nextLine;
      to = from;
      if (quotes && bytes[at] === QUOTE) inQuotes();
      else bare();
      endsRow = at >= length || bytes[at] === NEWLINE;
      if (endsRow && at < length) nextLine++;
      at++;
    },
    keep: () => {
      from = to;
    },
  };
}
