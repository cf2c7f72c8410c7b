/** What is wrong with a CSV text, and where. */
export class CsvError extends Error {
  constructor(
    readonly line: number,
    message: string,
  ) {
    super(message);
  }
}

/** Where the fields of a record lie in `bytes`; for as long as `OnRecord` runs. */
export type CsvRecord = {
  readonly bytes: Uint8Array;
  readonly starts: readonly number[];
  readonly ends: readonly number[];
  /** How many fields there are; `starts` and `ends` may be longer. */
  readonly count: number;
  /** Where the record begins, from 1. */
  readonly line: number;
};

export type OnRecord = (record: CsvRecord) => void;

/** Takes UTF-8 in pieces, cut anywhere. */
export interface CsvParser {
  /** The piece is the parser's from then on: doubled quotes become one where they lie. */
  push(piece: Uint8Array): void;
  /** The last record needs no line end. @throws CsvError when a quote was never closed */
  end(): void;
}

const [QUOTE, LF, CR] = [0x22, 0x0a, 0x0d];

/** A record of more bytes is taken for one whose quote was never closed. */
const LONGEST = 2 ** 26;

type State = "start" | "plain" | "quoted" | "closed";

/**
 * Records as RFC 4180 has them: lines end in CR LF or LF; a field in quotes may have line ends, delimiters, and quotes
 * written twice. A line with nothing in it is no record. No text is made of any field. `delimiter` is of ASCII.
 * @throws CsvError for quotes that are neither of a field nor doubled
 */
export function createCsvParser(onRecord: OnRecord, delimiter = ","): CsvParser {
  const DELIMITER = delimiter.charCodeAt(0);
  /** From the first byte of a record that is not complete. */
  let bytes: Uint8Array = new Uint8Array();
  let state: State = "start";
  let [at, first, start, end] = [0, 0, 0, 0];
  const [starts, ends]: [number[], number[]] = [[], []];
  let count = 0;
  let [line, began, quotedAt] = [1, 1, 1];

  const endField = () => {
    starts[count] = start;
    ends[count++] = end;
    state = "start";
  };
  const endRecord = () => {
    if (state !== "closed" && end > start && bytes[end - 1] === CR) end--;
    const blank = count === 0 && state !== "closed" && end === start;
    endField();
    if (!blank) onRecord({ bytes, starts, ends, count, line: began });
    count = 0;
    line++;
    began = line;
    first = at + 1;
  };

  const plain = () => {
    if (state === "start") {
      start = at;
      if (bytes[at] === QUOTE) {
        state = "quoted";
        quotedAt = line;
        end = ++at;
        start = end;
        return;
      }
    }
    const { length } = bytes;
    let stop = at;
    let byte = 0;
    for (; stop < length; stop++) {
      byte = bytes[stop]!;
      if (byte === DELIMITER || byte === LF || byte === QUOTE) break;
    }
    at = stop;
    end = stop;
    if (stop === length) state = "plain";
    else if (byte === QUOTE) throw new CsvError(line, "a quote inside of a field that does not begin with one");
    else {
      if (byte === DELIMITER) endField();
      else endRecord();
      at++;
    }
  };
  const quoted = () => {
    let stop = at;
    for (; stop < bytes.length && bytes[stop] !== QUOTE; stop++) if (bytes[stop] === LF) line++;
    if (end < at) bytes.copyWithin(end, at, stop);
    end += stop - at;
    if (stop < bytes.length) state = "closed";
    at = Math.min(stop + 1, bytes.length);
  };
  /** What stands behind a closing quote: another one, which makes one of two, or the end of the field. */
  const closed = () => {
    const byte = bytes[at]!;
    if (byte === QUOTE) {
      bytes[end++] = QUOTE;
      state = "quoted";
    } else if (byte === DELIMITER) endField();
    else if (byte === LF) endRecord();
    else if (byte !== CR) {
      const [found] = new TextDecoder().decode(bytes.subarray(at, at + 4));
      throw new CsvError(line, `expected a delimiter behind a closing quote, got "${found}"`);
    }
    at++;
  };

  /** Puts the piece behind what is left of the last one. */
  const take = (piece: Uint8Array) => {
    const left = bytes.subarray(first);
    if (left.length > LONGEST) {
      throw new CsvError(began, `the record has more than ${LONGEST} bytes; is a quote in it never closed?`);
    }
    for (let i = 0; i < count; i++) {
      starts[i]! -= first;
      ends[i]! -= first;
    }
    [at, start, end, first] = [at - first, start - first, end - first, 0];
    bytes = left.length === 0 ? piece : Buffer.concat([left, piece]);
  };

  return {
    push: (piece) => {
      take(piece);
      while (at < bytes.length) {
        if (state === "quoted") quoted();
        else if (state === "closed") closed();
        else plain();
      }
    },
    end: () => {
      if (state === "quoted") throw new CsvError(quotedAt, "a quote is opened here and never closed");
      if (state === "start" && count === 0) return;
      if (state === "start") [start, end] = [at, at];
      endRecord();
    },
  };
}
