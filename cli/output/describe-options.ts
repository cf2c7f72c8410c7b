import { z } from "zod";

export type OptionDescription = {
  readonly name: string;
  readonly kind: string;
  readonly byDefault?: unknown;
  readonly description: string;
};

type JsonSchema = {
  readonly type?: string | readonly string[];
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly anyOf?: readonly JsonSchema[];
  readonly items?: JsonSchema;
  readonly default?: unknown;
  readonly description?: string;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
};

/** The options of a factory as its users write them. */
export function describeOptions(schema: z.ZodType): readonly OptionDescription[] {
  const { properties = {} } = z.toJSONSchema(schema, { io: "input", unrepresentable: "any" }) as JsonSchema;
  return Object.entries(properties).map(([name, option]) => ({
    name,
    kind: kindOf(option),
    byDefault: option.default,
    description: option.description ?? "",
  }));
}

function kindOf(schema: JsonSchema): string {
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.enum) return schema.enum.map((value) => JSON.stringify(value)).join(" | ");
  if (schema.anyOf) return schema.anyOf.map(kindOf).join(" | ");
  if (schema.type === "array") return arrayOf(schema.items ? kindOf(schema.items) : "any");
  return Array.isArray(schema.type) ? schema.type.join(" | ") : String(schema.type ?? "any");
}

const arrayOf = (kind: string) => (kind.includes("|") ? `(${kind})[]` : `${kind}[]`);
