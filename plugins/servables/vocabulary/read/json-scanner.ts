import type { Complain } from "./entries.js";

const [TAB, NEWLINE, RETURN, SPACE, QUOTE, BACKSLASH] = [9, 10, 13, 32, 34, 92];
const HIGH = 0xd800;
const LOW = 0xdc00;
const REPLACEMENT = Buffer.from("\ufffd");

const escapes: Readonly<Record<string, number>> = { '"': 34, "\\": 92, "/": 47, b: 8, f: 12, n: 10, r: 13, t: 9 };

/** Reads JSON byte by byte, its strings over the bytes that they were read from. */
export interface JsonScanner {
  readonly line: number;
  /** The next byte that is no space, as a character; "" at the end. */
  peek(): string;
  /** @throws what `complain` makes of any other character */
  expect(char: string): void;
  /** Reads a string to `bytes` from `to` on. @returns where it ends */
  string(to: number): number;
  /** The bytes up to the next comma, bracket or space. */
  word(): readonly [from: number, to: number];
}

export function createJsonScanner(bytes: Uint8Array, start: number, complain: Complain): JsonScanner {
  let [at, line] = [start, 1];

  const peek = () => {
    for (; at < bytes.length; at++) {
      const byte = bytes[at]!;
      if (byte === NEWLINE) line++;
      else if (byte !== SPACE && byte !== RETURN && byte !== TAB) return String.fromCharCode(byte);
    }
    return "";
  };

  const hex4 = (): number => {
    const digits = Buffer.from(bytes.subarray(at, at + 4)).toString("latin1");
    if (!/^[\da-fA-F]{4}$/.test(digits)) throw complain(line, `"\\u${digits}" is no escape of JSON`);
    at += 4;
    return Number.parseInt(digits, 16);
  };
  const isLowNext = () =>
    bytes[at] === BACKSLASH &&
    bytes[at + 1] === 0x75 &&
    /^d[c-f]$/i.test(String.fromCharCode(bytes[at + 2]!, bytes[at + 3]!));
  /** A surrogate without its other half has no UTF-8. */
  const codePoint = (): Uint8Array => {
    const unit = hex4();
    if ((unit & 0xf800) !== HIGH) return Buffer.from(String.fromCharCode(unit));
    if (unit >= LOW || !isLowNext()) return REPLACEMENT;
    at += 2;
    return Buffer.from(String.fromCharCode(unit, hex4()));
  };

  return {
    get line() {
      return line;
    },
    peek,
    expect: (char) => {
      const found = peek();
      if (found !== char) {
        throw complain(
          line,
          `invalid JSON: expected ${char || "the end"}, got ${found ? JSON.stringify(found) : "the end"}`,
        );
      }
      at++;
    },
    string: (to) => {
      let end = to;
      for (;;) {
        const byte = bytes[at++];
        if (byte === undefined) throw complain(line, "invalid JSON: a string does not end");
        if (byte === QUOTE) return end;
        if (byte < SPACE) throw complain(line, "invalid JSON: a string has a control character that is not escaped");
        if (byte !== BACKSLASH) {
          bytes[end++] = byte;
          continue;
        }
        const kind = String.fromCharCode(bytes[at++] ?? 0);
        if (kind === "u") for (const each of codePoint()) bytes[end++] = each;
        else if (Object.hasOwn(escapes, kind)) bytes[end++] = escapes[kind]!;
        else throw complain(line, `invalid JSON: no escape begins with \\${kind}`);
      }
    },
    word: () => {
      peek();
      const from = at;
      while (at < bytes.length && !",]} \t\r\n".includes(String.fromCharCode(bytes[at]!))) at++;
      return [from, at];
    },
  };
}
