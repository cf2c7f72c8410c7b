import { buildTokenTable, type TokenTable } from "../../../../formats/token-table/token-table.js";
import { createTokenWriter, linesOf, type Tokens } from "../../../../formats/token-table/tokens.js";
import { bytesOfText, textOf } from "../text.js";
import { refuse, type Site } from "./op.js";

/** A vocabulary as a step gives it: a list in the transform file, or a file beside it with one token a line. */
export type VocabularySource = {
  readonly vocabulary?: readonly (string | number)[] | undefined;
  readonly file?: string | undefined;
};

function listed(vocabulary: readonly (string | number)[]): Tokens {
  const writer = createTokenWriter();
  for (const token of vocabulary) writer.add(bytesOfText(String(token)));
  return writer.finish();
}

/** @throws StepProblem when there is none, two, an empty one, or a token twice */
export async function readVocabulary({ vocabulary, file }: VocabularySource, site: Site): Promise<TokenTable> {
  if (vocabulary && file !== undefined) refuse("the step has a vocabulary already", "file");
  if (!vocabulary && file === undefined) refuse("expected vocabulary, or file", "op");
  const option = vocabulary ? "vocabulary" : "file";
  const tokens = vocabulary ? listed(vocabulary) : linesOf(await site.read(file!, "file"));
  if (tokens.offsets.length === 1) refuse("the vocabulary is empty", option);
  const shown = (row: number) => textOf(tokens.bytes.slice(tokens.offsets[row]!, tokens.offsets[row + 1]!));
  const where = (row: number) => (vocabulary ? `${row + 1}` : `line ${row + 1}`);
  return buildTokenTable(tokens, (first, again) => {
    const places = `${where(first)} and ${where(again)}`;
    refuse(`the token "${shown(again)}" comes twice, ${vocabulary ? "at " : `in ${file} at `}${places}`, option);
  });
}
