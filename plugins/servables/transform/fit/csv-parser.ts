/** What is wrong with a CSV text, and where. */
export class CsvError extends Error {
  constructor(
    readonly line: number,
    message: string,
  ) {
    super(message);
  }
}

/** `line`: where the record begins, from 1. */
export type OnRecord = (fields: readonly string[], line: number) => void;

/** Takes a text in pieces, cut anywhere. */
export interface CsvParser {
  push(text: string): void;
  /** The last record needs no line end. @throws CsvError when a quote was never closed */
  end(): void;
}

const [QUOTE, LF, CR] = [0x22, 0x0a, 0x0d];

type State = "start" | "plain" | "quoted" | "closed";

/**
 * Records as RFC 4180 has them: lines end in CR LF or LF; a field in quotes may have line ends, delimiters, and quotes
 * written twice. A line with nothing in it is no record.
 * @throws CsvError for quotes that are neither of a field nor doubled
 */
export function createCsvParser(onRecord: OnRecord, delimiter = ","): CsvParser {
  const DELIMITER = delimiter.charCodeAt(0);
  let state: State = "start";
  let fields: string[] = [];
  let field = "";
  let [line, began, quotedAt] = [1, 1, 1];

  const endField = () => {
    fields.push(field);
    field = "";
    state = "start";
  };
  const endRecord = () => {
    const nothing = fields.length === 0 && state === "start";
    if (state === "plain" && field.endsWith("\r")) field = field.slice(0, -1);
    const blank = fields.length === 0 && state === "plain" && field === "";
    endField();
    if (!nothing && !blank) onRecord(fields, began);
    fields = [];
    line++;
    began = line;
  };

  /** Takes what belongs to a plain field from `from` on; where it stopped. */
  const plain = (text: string, from: number): number => {
    let at = from;
    for (; at < text.length; at++) {
      const code = text.charCodeAt(at);
      if (code === DELIMITER || code === LF) break;
      if (code === QUOTE) throw new CsvError(line, `a quote inside of a field that does not begin with one`);
    }
    field += text.slice(from, at);
    return at;
  };
  const quoted = (text: string, from: number): number => {
    let at = from;
    for (; at < text.length; at++) {
      const code = text.charCodeAt(at);
      if (code === QUOTE) break;
      if (code === LF) line++;
    }
    field += text.slice(from, at);
    if (at < text.length) state = "closed";
    return at + 1;
  };
  /** What stands behind a closing quote: another one, which makes one of two, or the end of the field. */
  const closed = (text: string, at: number): number => {
    const code = text.charCodeAt(at);
    if (code === QUOTE) {
      field += '"';
      state = "quoted";
    } else if (code === DELIMITER) endField();
    else if (code === LF) endRecord();
    else if (code !== CR) throw new CsvError(line, `expected a delimiter behind a closing quote, got "${text[at]}"`);
    return at + 1;
  };

  return {
    push: (text) => {
      for (let at = 0; at < text.length; ) {
        if (state === "quoted") {
          at = quoted(text, at);
          continue;
        }
        if (state === "closed") {
          at = closed(text, at);
          continue;
        }
        const code = text.charCodeAt(at);
        if (code === DELIMITER) {
          endField();
          at++;
        } else if (code === LF) {
          endRecord();
          at++;
        } else if (code === QUOTE && state === "start") {
          state = "quoted";
          quotedAt = line;
          at++;
        } else {
          state = "plain";
          at = plain(text, at);
        }
      }
    },
    end: () => {
      if (state === "quoted") throw new CsvError(quotedAt, "a quote is opened here and never closed");
      if (state !== "start" || fields.length > 0) endRecord();
    },
  };
}
