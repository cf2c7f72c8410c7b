import type { Fail } from "./text-error.js";
import type { Token } from "./tokens.js";

/** A place in the tokens of one text. */
export type Cursor = {
  readonly fail: Fail;
  peek(): Token;
  next(): Token;
  /** Takes the next token if it is this punctuation. */
  skip(punctuation: string): boolean;
  /** @throws TextError when the next token is another */
  expect(punctuation: string, why: string): void;
};

export function cursorOver(tokens: readonly Token[], fail: Fail): Cursor {
  let at = 0;
  // The last token is `end` and is never passed.
  const peek = () => tokens[at]!;
  const next = () => tokens[at < tokens.length - 1 ? at++ : at]!;
  const isNext = (text: string) => peek().kind === "punctuation" && peek().text === text;
  const skip = (text: string) => {
    const found = isNext(text);
    if (found) next();
    return found;
  };
  return {
    fail,
    peek,
    next,
    skip,
    expect: (text, why) => {
      if (!skip(text)) fail(peek().at, `expected "${text}" ${why}, got ${shown(peek())}`);
    },
  };
}

/** A token as error messages name it. */
export function shown(token: Token): string {
  if (token.kind === "end") return "the end of the file";
  const text = token.text.length > 40 ? `${token.text.slice(0, 37)}…` : token.text;
  return token.kind === "string" ? text : `"${text}"`;
}
