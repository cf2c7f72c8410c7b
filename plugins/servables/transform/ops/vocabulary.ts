import { buildTokenTable, openTokenTable, type TokenTable } from "../../../../formats/token-table/token-table.js";
import { createTokenWriter } from "../../../../formats/token-table/tokens.js";
import { inThread } from "../../../runtimes/threads/index.js";
import { bytesOfText, textOf } from "../text.js";
import { type IndexedLines, indexLines } from "./index-lines.js";
import { refuse, type Site } from "./op.js";

/** A vocabulary as a step gives it: a list in the transform file, or a file beside it with one token a line. */
export type VocabularySource = {
  readonly vocabulary?: readonly (string | number)[] | undefined;
  readonly file?: string | undefined;
};

/** Files of more bytes are indexed off the event loop. */
const LARGE = 2 ** 17;

const twiceIn = (where: string, token: string, option: string) =>
  refuse(`the token "${token}" comes twice, ${where}`, option);

function listed(vocabulary: readonly (string | number)[]): TokenTable {
  const writer = createTokenWriter();
  for (const token of vocabulary) writer.add(bytesOfText(String(token)));
  return buildTokenTable(writer.finish(), (first, again) =>
    twiceIn(`at ${first + 1} and ${again + 1}`, String(vocabulary[again]), "vocabulary"),
  );
}

async function inFile(file: string, site: Site): Promise<TokenTable> {
  const text = await site.read(file, "file");
  const worker = new URL("./index-lines.worker.js", import.meta.url);
  const { signal } = new AbortController();
  const { parts, twice } =
    text.length > LARGE
      ? await inThread<IndexedLines>(worker, "the reader of vocabularies", text, signal)
      : indexLines(text);
  const table = openTokenTable(parts);
  if (twice) {
    const [first, again] = twice;
    twiceIn(`in ${file} at line ${first + 1} and line ${again + 1}`, textOf(table.token(again)), "file");
  }
  return table;
}

/** @throws StepProblem when there is none, two, an empty one, or a token twice */
export async function readVocabulary({ vocabulary, file }: VocabularySource, site: Site): Promise<TokenTable> {
  if (vocabulary && file !== undefined) refuse("the step has a vocabulary already", "file");
  if (!vocabulary && file === undefined) refuse("expected vocabulary, or file", "op");
  const table = vocabulary ? listed(vocabulary) : await inFile(file!, site);
  return table.size > 0 ? table : refuse("the vocabulary is empty", vocabulary ? "vocabulary" : "file");
}
