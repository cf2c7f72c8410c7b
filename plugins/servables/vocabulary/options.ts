import { z } from "zod";

const column = z.union([z.string().min(1), z.int().min(0)]);
const MOST_BUCKETS = 2 ** 31 - 1;

/** The formats that files have by their endings; `text` is any other. */
export const formats = ["text", "csv", "tsv", "json", "tokenizer"] as const;

export const options = z
  .strictObject({
    file: z.string().min(1).optional().describe("The file in the version's folder; found by its name when left out."),
    format: z.enum(formats).optional().describe("How the file is read; by its ending when left out."),
    oovBuckets: z.int().min(0).max(MOST_BUCKETS).default(0).describe("Ids for unknown tokens, chosen by fingerprint."),
    oovPosition: z
      .enum(["last", "first"])
      .default("last")
      .describe("Where the ids of the buckets lie: behind those of the tokens as in tf.lookup, or before as in Keras."),
    defaultId: z.int().default(-1).describe("The id of unknown tokens where there are no buckets."),
    unknownToken: z.string().default("[UNK]").describe("What `reverse` gives for an id that no token has."),
    maskToken: z.string().optional().describe("A token that the file lacks and that has the id 0, as in Keras."),
    delimiter: z.string().length(1).optional().describe("Between columns; by default a comma in csv, a tab in tsv."),
    header: z.boolean().default(false).describe("Whether the first line of csv and tsv names the columns."),
    key: column.optional().describe("The column of tokens in csv and tsv: a name of the header, or a number from 0."),
    value: column
      .optional()
      .describe("The column of ids in csv and tsv: a name, a number from 0, or `line`: ids count the rows from 0."),
    maxLength: z.int().min(1).optional().describe("Most ids that tokenizer.json gives a text; longer ones are cut."),
    padding: z
      .enum(["longest", "max"])
      .optional()
      .describe("What tokenizer.json fills up to: the longest text of the request, or maxLength."),
    specialTokens: z
      .boolean()
      .default(true)
      .describe("Whether tokenizer.json adds its special tokens, and drops them in `decode`."),
    threads: z.int().min(1).max(64).default(1).describe("Threads that tokenizer.json runs in."),
  })
  .refine(({ oovBuckets, defaultId }) => oovBuckets === 0 || defaultId === -1, {
    path: ["defaultId"],
    error: "unknown tokens get the ids of the buckets: leave out defaultId or oovBuckets",
  });

export type VocabularyOptions = z.infer<typeof options>;
