import { z } from "zod";
import { fingerprint64 } from "../../../../formats/fingerprint/farm-hash.js";
import type { TokenTable } from "../../../../formats/token-table/token-table.js";
import type { Column } from "../column.js";
import { createFrequencies } from "../fit/frequencies.js";
import { bytesOfText } from "../text.js";
import { bucketOf } from "./bucket-of.js";
import { expectKeys, keysOf, keyTextsOf } from "./exact.js";
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

type Finder = (bytes: Uint8Array, start: number, end: number) => number;

/** The id of a key. TensorFlow's tables number the unknown behind the vocabulary, Keras's layers before it. */
function finder({ table, first, oov, mask }: Layout, buckets: number, unknown: number): Finder {
  return (bytes, start, end) => {
    if (mask && end - start === mask.length && mask.every((byte, i) => byte === bytes[start + i])) return 0;
    const row = table.find(bytes, start, end);
    if (row >= 0) return first + row;
    if (buckets === 0) return unknown;
    return oov + (buckets === 1 ? 0 : bucketOf(fingerprint64(bytes.subarray(start, end)), buckets));
  };
}

function idsOf(column: Column, idOf: Finder): Int32Array {
  const packed = column.dtype === "string" ? column.packed : undefined;
  if (packed) {
    const { bytes, offsets } = packed;
    const ids = new Int32Array(offsets.length - 1);
    for (let i = 0; i < ids.length; i++) ids[i] = idOf(bytes, offsets[i]!, offsets[i + 1]!);
    return ids;
  }
  const keys = keysOf(column);
  const ids = new Int32Array(keys.length);
  for (let i = 0; i < ids.length; i++) ids[i] = idOf(keys[i]!, 0, keys[i]!.length);
  return ids;
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
      run: ([column]) => [{ dtype: "int64", row: column!.row, values: idsOf(column!, idOf) }],
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
          for (const key of keyTextsOf(column!)) frequencies.add(key);
        },
        // An empty string stands for nothing.
        finish: () => ({
          vocabulary: frequencies.ranked({ limit, minCount, without: ["", ...(mask === undefined ? [] : [mask])] }),
        }),
      };
    },
  },
});
