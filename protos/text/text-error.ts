/** Something wrong in a text-format file; the message is `file:line:column: what`, both counted from 1. */
export class TextError extends Error {
  override readonly name = "TextError";

  constructor(
    readonly what: string,
    readonly file: string,
    readonly line: number,
    readonly column: number,
  ) {
    super(`${file}:${line}:${column}: ${what}`);
  }
}

/** Throws a TextError for an offset (in UTF-16 units) of the text that is being read. */
export type Fail = (offset: number, what: string) => never;

export function failIn(file: string, text: string): Fail {
  return (offset, what) => {
    const before = text.slice(0, offset);
    const lineStart = before.lastIndexOf("\n") + 1;
    let line = 1;
    for (let i = before.indexOf("\n"); i >= 0; i = before.indexOf("\n", i + 1)) line++;
    throw new TextError(what, file, line, offset - lineStart + 1);
  };
}
