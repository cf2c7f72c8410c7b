import { dataLoss } from "../../core/index.js";
import { type ByteSource, createByteSource } from "./byte-source.js";

/** How many words a file of word2vec's announces, and how many numbers each has. */
export type Word2vecSize = { readonly rows: number; readonly width: number };

/** Takes the words in order; both arguments are valid only during the call. */
export type TakeWord = (word: Uint8Array, vector: Float32Array) => void;

export type Word2vecFile = {
  readonly pieces: Iterable<Uint8Array>;
  /** Bytes of the file: an announcement that they cannot hold is refused before memory is taken for it. */
  readonly size: number;
  /** Names it in errors. */
  readonly what: string;
};

const [LF, CR, SPACE, TAB] = [0x0a, 0x0d, 0x20, 0x09];
const LONGEST_HEADER = 64;
const LONGEST_WORD = 65_536;
const LONGEST_NUMBER = 64;
const NOT_FINITE = /^[-+]?(nan|inf|infinity)$/i;

const latin1 = (bytes: Uint8Array) => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1");

// The fewest bytes of a row: a number in text has a space and a digit, a vector's word ends with a space.
const leastText = (width: number) => 2 * width + 1;
const leastBinary = (width: number) => 4 * width + 1;

/** `least`: the fewest bytes that a row of so many numbers takes. */
function readSize(source: ByteSource, { size, what }: Word2vecFile, least: (width: number) => number): Word2vecSize {
  const line = source.until(LF, LONGEST_HEADER) ?? source.rest(LONGEST_HEADER);
  const [, rows, width] = /^(\d{1,15}) (\d{1,15})\s*$/.exec(latin1(line)) ?? [];
  if (rows === undefined || width === undefined) {
    const said = JSON.stringify(latin1(line).slice(0, LONGEST_HEADER));
    throw dataLoss(
      `${what}, line 1: expected the number of words and of numbers each, such as "1000 300", got ${said}`,
    );
  }
  const announced = { rows: Number(rows), width: Number(width) };
  if (Math.max(1, announced.rows) * least(announced.width) > size) {
    throw dataLoss(`${what}, line 1: ${rows} words of ${width} numbers do not fit into a file of ${size} bytes`);
  }
  return announced;
}

/** What the first line announces, in either format. @throws DATA_LOSS when the file cannot hold it */
export function readWord2vecSize(file: Word2vecFile): Word2vecSize {
  return readSize(createByteSource(file.pieces), file, leastText);
}

const cutShort = (what: string, row: number, rows: number, position: number) =>
  dataLoss(`${what} was cut short: it ends at byte ${position}, in word ${row + 1} of ${rows}`);

function checkEnd(source: ByteSource, what: string, rows: number): void {
  const { position } = source;
  const rest = source.rest(LONGEST_WORD);
  if (rest.every((byte) => byte === LF || byte === CR || byte === SPACE)) return;
  throw dataLoss(`${what} goes on at byte ${position}, after the ${rows} words that its first line announces`);
}

/**
 * The binary format: a line of sizes; for each word its bytes, a space and little-endian float32s. Some writers end
 * each vector with a line feed.
 * @throws DATA_LOSS with the word's number and the byte
 */
export function readWord2vecBinary(file: Word2vecFile, open: (size: Word2vecSize) => TakeWord): void {
  const { what } = file;
  const source = createByteSource(file.pieces);
  const size = readSize(source, file, leastBinary);
  const take = open(size);
  for (let row = 0; row < size.rows; row++) {
    const { position } = source;
    const read = source.until(SPACE, LONGEST_WORD);
    if (!read) throw cutShort(what, row, size.rows, position);
    const word = Uint8Array.from(read[0] === LF ? read.subarray(1) : read);
    const bytes = source.take(4 * size.width);
    if (!bytes) throw cutShort(what, row, size.rows, source.position);
    take(word, new Float32Array(Uint8Array.prototype.slice.call(bytes).buffer));
  }
  checkEnd(source, what, size.rows);
}

function readNumbers(line: Uint8Array, start: number, vector: Float32Array, where: string): void {
  let count = 0;
  for (let at = start; at < line.length; ) {
    const byte = line[at]!;
    if (byte === SPACE || byte === CR || byte === TAB) {
      at++;
      continue;
    }
    let end = at;
    while (end < line.length && line[end] !== SPACE && line[end] !== CR && line[end] !== TAB) end++;
    const text = latin1(line.subarray(at, Math.min(end, at + LONGEST_NUMBER)));
    const value = Number(text);
    // Whether a table may hold what is not finite is not for the format to say; Python writes it as nan and inf.
    if (Number.isNaN(value) && !NOT_FINITE.test(text)) {
      throw dataLoss(`${where}: ${JSON.stringify(text)} is no number`);
    }
    if (count < vector.length) vector[count] = value;
    count++;
    at = end;
  }
  if (count !== vector.length) throw dataLoss(`${where}: ${count} numbers, expected ${vector.length}`);
}

/**
 * The text format: a line of sizes, then a line for each word: the word, and its numbers in decimals after spaces.
 * @throws DATA_LOSS with the line
 */
export function readWord2vecText(file: Word2vecFile, open: (size: Word2vecSize) => TakeWord): void {
  const { what } = file;
  const source = createByteSource(file.pieces);
  const size = readSize(source, file, leastText);
  const take = open(size);
  const longest = LONGEST_WORD + LONGEST_NUMBER * size.width;
  const vector = new Float32Array(size.width);
  for (let row = 0; row < size.rows; row++) {
    const { position } = source;
    const line = source.until(LF, longest) ?? source.rest(longest);
    const where = `${what}, line ${row + 2}`;
    if (line.length === 0) throw cutShort(what, row, size.rows, position);
    const end = line.indexOf(SPACE);
    if (end < 0) throw dataLoss(`${where}: expected a word, a space and ${size.width} numbers`);
    readNumbers(line, end + 1, vector, where);
    take(line.subarray(0, end), vector);
  }
  checkEnd(source, what, size.rows);
}
