import { readFileSync } from "node:fs";
import { failedPrecondition } from "../../../../core/index.js";
import { buildTokenTable, type TokenTableParts } from "../../../../formats/token-table/token-table.js";
import { linesOf, type Tokens } from "../../../../formats/token-table/tokens.js";

const LONGEST_SHOWN = 60;

/** `position` says where a row stands, for people. @throws FAILED_PRECONDITION for a key that comes twice */
export function indexKeys(tokens: Tokens, file: string, position: (row: number) => string): TokenTableParts {
  const text = (row: number) => {
    const bytes = tokens.bytes.slice(tokens.offsets[row]!, tokens.offsets[row + 1]!);
    return JSON.stringify(Buffer.from(bytes).toString().slice(0, LONGEST_SHOWN));
  };
  return buildTokenTable(tokens, (first, again) => {
    throw failedPrecondition(`${file} has the key ${text(first)} twice: ${position(first)} and ${position(again)}`);
  }).parts;
}

/** @throws FAILED_PRECONDITION for an empty line, a key that comes twice, or another number of keys than of rows */
export function readKeys(path: string, rows: number): TokenTableParts {
  const tokens = linesOf(readFileSync(path));
  const { offsets } = tokens;
  const count = offsets.length - 1;
  for (let row = 0; row < count; row++) {
    if (offsets[row] === offsets[row + 1]) throw failedPrecondition(`keys.txt, line ${row + 1}: the key is empty`);
  }
  if (count !== rows) throw failedPrecondition(`keys.txt has ${count} keys, the table has ${rows} rows`);
  return indexKeys(tokens, "keys.txt", (row) => `line ${row + 1}`);
}
