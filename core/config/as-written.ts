import { z } from "zod";

/**
 * A parsed value as a config would write it: times and sizes with their units, the rest as it is. `schema` is the one
 * that parsed it; what is written so parses to the same value again.
 */
export function asWritten(schema: z.ZodType, value: unknown): unknown {
  const { bare, unit } = unwrap(schema);
  if (unit !== undefined && typeof value === "number") return `${value}${unit}`;
  if (!(bare instanceof z.ZodObject) || typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => {
      const inner = bare.shape[key] as z.ZodType | undefined;
      return [key, inner ? asWritten(inner, item) : item];
    }),
  );
}

function unwrap(schema: z.ZodType): { readonly bare: z.ZodType; readonly unit: unknown } {
  let bare = schema;
  let unit = bare.meta()?.unit;
  while (bare instanceof z.ZodOptional || bare instanceof z.ZodDefault || bare instanceof z.ZodPrefault) {
    bare = bare.unwrap() as z.ZodType;
    unit ??= bare.meta()?.unit;
  }
  return { bare, unit };
}
