import { z } from "zod";
import { fingerprint64 } from "../../../../formats/fingerprint/farm-hash.js";
import type { TokenTable } from "../../../../formats/token-table/token-table.js";
import { createFrequencies } from "../fit/frequencies.js";
import { bytesOfText } from "../text.js";
import { bucketOf } from "./bucket-of.js";
import { expectKeys, keysOf } from "./exact.js";
import { one } from "./expect.js";
import { defineOp, refuse } from "./op.js";
import { count } from "./values.js";
import { readVocabulary } from "./vocabulary.js";

const options = z.strictObject({
  vocabulary: z
    .array(z.union([z.string(), z.int()], { error: "expected a string or a whole number" }))
    .optional()
    .describe("Fitted: the tokens, by their ids."),
  file: z
    .string()
    .optional()
    .describe(
      "Instead of vocabulary: a file beside this one with one token a line; fitting writes one for more than 1000 tokens.",
    ),
  oovBuckets: z
    .int()
    .min(0)
    .default(0)
    .describe("Ids for tokens that are not in the vocabulary, shared by their fingerprints."),
  oovFirst: z.boolean().default(false).describe("Whether these ids come before those of the vocabulary, as in Keras."),
  default: z.int().default(-1).describe("The id of unknown tokens where there are no buckets for them."),
  mask: z.string().optional().describe("A token that takes id 0, before all others, as Keras's mask_token does."),
  limit: count().optional().describe("How many tokens fitting keeps, the most frequent; all when absent."),
  minCount: count().default(1).describe("How often a token must come in the data for fitting to keep it."),
});

type Layout = { readonly table: TokenTable; readonly first: number; readonly oov: number; readonly mask?: Uint8Array };

/** The id of a key. TensorFlow's tables number the unknown behind the vocabulary, Keras's layers before it. */
function finder({ table, first, oov, mask }: Layout, buckets: number, unknown: number): (key: Uint8Array) => number {
  return (key) => {
    if (mask && Buffer.compare(key, mask) === 0) return 0;
    const row = table.find(key);
    if (row >= 0) return first + row;
    if (buckets === 0) return unknown;
    return oov + (buckets === 1 ? 0 : bucketOf(fingerprint64(key), buckets));
  };
}

export const lookupOp = defineOp({
  name: "lookup",
  about: "The token's place in a vocabulary; unknown tokens share oovBuckets ids behind it, or get default.",
  takes: "strings or whole numbers",
  gives: "int64",
  options,
  open: async (inputs, { vocabulary, file, oovBuckets, oovFirst, default: unknown, mask }, site) => {
    const type = expectKeys(one(inputs));
    if (type.dtype !== "string" && oovBuckets > 1) refuse("whole numbers take one bucket at the most", "oovBuckets");
    const table = await readVocabulary({ vocabulary, file }, site);
    const masked = mask === undefined ? 0 : 1;
    const first = masked + (oovFirst ? oovBuckets : 0);
    const oov = oovFirst ? masked : masked + table.size;
    const layout = { table, first, oov, ...(mask === undefined ? {} : { mask: bytesOfText(mask) }) };
    const idOf = finder(layout, oovBuckets, unknown);
    return {
      types: [{ dtype: "int64", row: type.row, ids: masked + oovBuckets + table.size }],
      run: ([column]) => {
        const keys = keysOf(column!);
        const values = new Int32Array(keys.length);
        for (let i = 0; i < keys.length; i++) values[i] = idOf(keys[i]!);
        return [{ dtype: "int64", row: column!.row, values }];
      },
    };
  },
  fitting: {
    options: ["vocabulary"],
    missing: ({ vocabulary, file }) => (vocabulary || file !== undefined ? [] : ["vocabulary"]),
    start: (inputs, { limit = Number.POSITIVE_INFINITY, minCount, mask }) => {
      expectKeys(one(inputs));
      const frequencies = createFrequencies();
      return {
        add: ([column]) => {
          for (const key of keysOf(column!)) frequencies.add(key);
        },
        // An empty string stands for nothing.
        finish: () => ({
          vocabulary: frequencies.ranked({ limit, minCount, without: ["", ...(mask === undefined ? [] : [mask])] }),
        }),
      };
    },
  },
});
