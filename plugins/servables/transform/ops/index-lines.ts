import { buildTokenTable, type TokenTableParts } from "../../../../formats/token-table/token-table.js";
import { linesOf } from "../../../../formats/token-table/tokens.js";

export type IndexedLines = {
  readonly parts: TokenTableParts;
  /** The rows of the first token that comes twice. */
  readonly twice?: readonly [first: number, again: number];
};

/** The lines of a file as a table; for large files in a thread of its own. */
export function indexLines(text: Uint8Array): IndexedLines {
  let twice: readonly [number, number] | undefined;
  const { parts } = buildTokenTable(linesOf(text), (first, again) => {
    twice ??= [first, again];
  });
  return twice ? { parts, twice } : { parts };
}
