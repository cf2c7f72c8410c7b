import type { Complain, Entries } from "./entries.js";

const [NUL, NEWLINE, RETURN] = [0, 10, 13];

/** Bytes that a UTF-8 file may begin with and that are no part of its first token. */
export const markLength = (bytes: Uint8Array): number =>
  bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0;

export const NUL_FOUND = "there is a NUL byte: is this UTF-16, or no text at all?";

/** Those that hold something, the last one ended or not. */
function countLines(bytes: Uint8Array): number {
  let lines = 0;
  let held = false;
  for (let i = markLength(bytes); i < bytes.length; i++) {
    const byte = bytes[i]!;
    if (byte === NEWLINE) {
      lines++;
      held = false;
    } else if (byte !== RETURN) held = true;
  }
  return held ? lines + 1 : lines;
}

/**
 * One token a line, as TensorFlow's TextFileInitializer takes them: carriage returns are left out wherever they stand, the
 * last line needs no end, and an empty line is an error.
 */
export function readText(bytes: Uint8Array<ArrayBuffer>, complain: Complain): Entries {
  const offsets = new Uint32Array(countLines(bytes) + 1);
  let [to, begin, line] = [0, 0, 1];
  const end = () => {
    if (to === begin) throw complain(line, "it is empty, and a token is not");
    begin = to;
    offsets[line++] = to;
  };
  for (let from = markLength(bytes); from < bytes.length; from++) {
    const byte = bytes[from]!;
    if (byte === NEWLINE) end();
    else if (byte === NUL) throw complain(line, NUL_FOUND);
    else if (byte !== RETURN) bytes[to++] = byte;
  }
  if (to > begin) end();
  return { bytes, offsets, lineOf: (index) => index + 1 };
}
