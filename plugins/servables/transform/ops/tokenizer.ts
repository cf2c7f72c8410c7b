import type { Tokenizer } from "@huggingface/tokenizers";
import { z } from "zod";
import { messageOf } from "../../../../core/index.js";
import { textsOf } from "../column.js";
import { textOf } from "../text.js";
import { expectResults, oneText } from "./expect.js";
import { defineOp, refuse } from "./op.js";
import { idsAndMask } from "./token-columns.js";
import { count } from "./values.js";

const PADDING = ["[PAD]", "<pad>", "<|pad|>", "<|endoftext|>"];

async function loadLibrary() {
  try {
    return await import("@huggingface/tokenizers");
  } catch {
    return refuse("the package @huggingface/tokenizers is needed: npm install @huggingface/tokenizers", "op");
  }
}

type Definition = { readonly padding?: { readonly pad_id?: number } | null };

async function openTokenizer(bytes: Uint8Array, file: string) {
  const { Tokenizer } = await loadLibrary();
  try {
    const definition = JSON.parse(textOf(bytes)) as Definition;
    return { tokenizer: new Tokenizer(definition, {}), definition };
  } catch (error) {
    return refuse(`${file} is no tokenizer that can be read: ${messageOf(error)}`, "file");
  }
}

/** What a row keeps when it is too long: its special tokens, and as many of the others as there is room for. */
function shortened(tokenizer: Tokenizer, text: string, all: readonly number[], length: number): readonly number[] {
  const plain: readonly number[] = tokenizer.encode(text, { add_special_tokens: false }).ids;
  const extra = all.length - plain.length;
  const starts = Array.from({ length: extra + 1 }, (_, start) => start);
  const before = starts.find((start) => plain.every((id, i) => id === all[start + i])) ?? 0;
  const room = Math.max(0, length - extra);
  return [...all.slice(0, before), ...plain.slice(0, room), ...all.slice(before + plain.length)].slice(0, length);
}

export const tokenizerOp = defineOp({
  name: "tokenizer",
  about:
    "Ids by a Hugging Face tokenizer.json, of one length; a second name in to gets the mask: 1 where there is a token.",
  takes: "strings, one a row",
  gives: "int64 [n, length], and the mask",
  options: z.strictObject({
    file: z.string().default("tokenizer.json").describe("The tokenizer, beside this file."),
    length: count().describe("How many ids a row has; what is too much is cut off, special tokens stay."),
    special: z.boolean().default(true).describe("Whether the tokenizer's special tokens are added."),
    pad: z
      .int()
      .min(0)
      .optional()
      .describe("The id that fills up; the tokenizer's own when absent, 0 where it has none."),
  }),
  open: async (inputs, { file, length, special, pad }, site) => {
    oneText(inputs);
    expectResults(site, 1, 2);
    const { tokenizer, definition } = await openTokenizer(await site.read(file, "file"), file);
    const named = PADDING.map((token) => tokenizer.token_to_id(token)).find((id) => id !== undefined);
    const filler = pad ?? definition.padding?.pad_id ?? named ?? 0;
    const ids = 1 + [...tokenizer.get_vocab(true).values()].reduce((most, id) => Math.max(most, id), 0);
    const columns = idsAndMask({ length, pad: filler, results: site.results, ids });
    const encode = (text: string): readonly number[] => {
      const all = tokenizer.encode(text, { add_special_tokens: special }).ids;
      if (all.length <= length) return all;
      return special ? shortened(tokenizer, text, all, length) : all.slice(0, length);
    };
    return {
      types: columns.types,
      run: ([column], rows) => {
        const texts = textsOf(column);
        return columns.of(rows, (row) => encode(texts[row]!));
      },
    };
  },
});
