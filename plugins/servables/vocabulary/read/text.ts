import { type Complain, type Entries, growing } from "./entries.js";

const [NUL, NEWLINE, RETURN] = [0, 10, 13];

/** Bytes that a UTF-8 file may begin with and that are no part of its first token. */
export const markLength = (bytes: Uint8Array): number =>
  bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0;

export const NUL_FOUND = "there is a NUL byte: is this UTF-16, or no text at all?";

/**
 * One token a line, as TensorFlow's TextFileInitializer takes them: carriage returns are left out wherever they stand, the
 * last line needs no end, and an empty line is an error.
 */
export function readText(bytes: Uint8Array<ArrayBuffer>, complain: Complain): Entries {
  const offsets = growing<Uint32Array<ArrayBuffer>>(Uint32Array);
  let [to, begin, line] = [0, 0, 1];
  const end = () => {
    if (to === begin) throw complain(line, "it is empty, and a token is not");
    offsets.push(begin);
    begin = to;
    line++;
  };
  for (let from = markLength(bytes); from < bytes.length; from++) {
    const byte = bytes[from]!;
    if (byte === NEWLINE) end();
    else if (byte === NUL) throw complain(line, NUL_FOUND);
    else if (byte !== RETURN) bytes[to++] = byte;
  }
  if (to > begin) end();
  offsets.push(to);
  return { bytes, offsets: offsets.done(), lineOf: (index) => index + 1 };
}
