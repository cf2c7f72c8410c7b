import { z } from "zod";
import type { TokenTable } from "../../../../formats/token-table/token-table.js";
import { textsOf } from "../column.js";
import { bytesOfText } from "../text.js";
import { bertWords } from "./bert-words.js";
import { expectResults, oneText } from "./expect.js";
import { defineOp, refuse } from "./op.js";
import { idsAndMask } from "./token-columns.js";
import { count } from "./values.js";
import { readVocabulary } from "./vocabulary.js";

const LONGEST_WORD = 100;

/** The ids of a word's pieces, each the longest that there is; `unknown` alone where a piece is missing. */
function piecesOf(word: string, table: TokenTable, prefix: string, unknown: number): readonly number[] {
  const characters = Array.from(word);
  if (characters.length > LONGEST_WORD) return [unknown];
  const ids: number[] = [];
  for (let start = 0; start < characters.length; ) {
    let [end, id] = [characters.length, -1];
    for (; end > start; end--) {
      const piece = characters.slice(start, end).join("");
      id = table.find(bytesOfText(start > 0 ? prefix + piece : piece));
      if (id >= 0) break;
    }
    if (id < 0) return [unknown];
    ids.push(id);
    start = end;
  }
  return ids;
}

export const wordpieceOp = defineOp({
  name: "wordpiece",
  about:
    "Ids of word pieces as BERT makes them, of one length; a second name in to gets the mask: 1 where there is a token.",
  takes: "strings, one a row",
  gives: "int64 [n, length], and the mask",
  options: z.strictObject({
    file: z.string().describe("A vocabulary beside this file, one token a line."),
    length: count().describe("How many ids a row has; what is too much is cut off before the last special token."),
    lower: z
      .boolean()
      .default(true)
      .describe("Whether letters become lower case and lose their accents, as in uncased models."),
    special: z.boolean().default(true).describe("Whether [CLS] begins and [SEP] ends a row."),
    unknown: z.string().default("[UNK]").describe("The token for words that have no pieces."),
    prefix: z.string().default("##").describe("What pieces inside of a word begin with."),
  }),
  open: async (inputs, { file, length, lower, special, unknown, prefix }, site) => {
    oneText(inputs);
    expectResults(site, 1, 2);
    if (special && length < 2) refuse("[CLS] and [SEP] take 2", "length");
    const table = await readVocabulary({ file }, site);
    const known = (token: string, option: string) => {
      const id = table.find(bytesOfText(token));
      return id >= 0 ? id : refuse(`${file} has no token ${token}`, option);
    };
    const other = known(unknown, "unknown");
    const [begin, end] = special ? [[known("[CLS]", "file")], [known("[SEP]", "file")]] : [[], []];
    const pad = Math.max(0, table.find(bytesOfText("[PAD]")));
    const encode = (text: string): readonly number[] => {
      const ids = bertWords(text, lower).flatMap((word) => piecesOf(word, table, prefix, other));
      return [...begin, ...ids.slice(0, length - begin.length - end.length), ...end];
    };
    const columns = idsAndMask({ length, pad, results: site.results, ids: table.size });
    return {
      types: columns.types,
      run: ([column], rows) => {
        const texts = textsOf(column);
        return columns.of(rows, (row) => encode(texts[row]!));
      },
    };
  },
});
