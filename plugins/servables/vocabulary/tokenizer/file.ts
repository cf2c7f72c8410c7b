import { z } from "zod";

const direction = z.enum(["Left", "Right"]).default("Right");

/** What of a tokenizer.json is read here rather than by the library, which checks the rest as it takes it. */
const schema = z.looseObject({
  truncation: z.looseObject({ max_length: z.int().min(0), direction }).nullish(),
  padding: z
    .looseObject({
      strategy: z.union([z.literal("BatchLongest"), z.strictObject({ Fixed: z.int().min(0) })]),
      direction,
      pad_to_multiple_of: z.int().min(1).nullish(),
      pad_id: z.int(),
      pad_type_id: z.int().default(0),
    })
    .nullish(),
  added_tokens: z
    .array(
      z.looseObject({
        id: z.int(),
        content: z.string(),
        lstrip: z.boolean().default(false),
        rstrip: z.boolean().default(false),
        normalized: z.boolean().default(false),
      }),
    )
    .default([]),
  normalizer: z.looseObject({ type: z.string() }).nullish().default(null),
  pre_tokenizer: z.looseObject({ type: z.string() }).nullish().default(null),
  post_processor: z.looseObject({ type: z.string() }).nullish().default(null),
  decoder: z.looseObject({ type: z.string() }).nullish().default(null),
  model: z.looseObject({}),
});

export type TokenizerFile = z.infer<typeof schema>;

/** @throws Error that says what is wrong with the file and where */
export function parseTokenizer(text: string): TokenizerFile {
  const parsed = schema.safeParse(JSON.parse(text));
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new Error(`${issue?.path.join(".") || "the file"}: ${issue?.message}`);
}

/** The components of one kind, those inside sequences too. */
export function flattened(
  component: unknown,
  list: "pretokenizers" | "processors",
): Readonly<Record<string, unknown>>[] {
  if (typeof component !== "object" || component === null) return [];
  const inner = (component as Record<string, unknown>)[list];
  return Array.isArray(inner)
    ? inner.flatMap((each) => flattened(each, list))
    : [component as Readonly<Record<string, unknown>>];
}
