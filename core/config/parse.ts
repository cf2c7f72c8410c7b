import { z } from "zod";
import type { ConfigPath, ConfigProblem } from "./config-error.js";
import { hint } from "./did-you-mean.js";

export type Parsed<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly problems: readonly ConfigProblem[] };

/** `value` through a schema; what is wrong comes back as problems whose paths begin with `at`. */
export function parseWith<T>(schema: z.ZodType<T>, value: unknown, at: ConfigPath = []): Parsed<T> {
  const result = schema.safeParse(value);
  if (result.success) return { ok: true, value: result.data };
  return { ok: false, problems: result.error.issues.flatMap((issue) => problemsOf(issue, schema, value, at)) };
}

function problemsOf(issue: z.core.$ZodIssue, schema: z.ZodType, value: unknown, at: ConfigPath): ConfigProblem[] {
  const inner = issue.path as (string | number)[];
  const path = [...at, ...inner];
  if (issue.code === "unrecognized_keys") {
    const known = knownKeys(schema, inner);
    return issue.keys.map((key) => ({ path: [...path, key], message: `unknown key${hint(key, known)}`, atKey: true }));
  }
  if (issue.code === "invalid_key") {
    return [{ path, message: issue.issues[0]?.message ?? issue.message, atKey: true }];
  }
  const got = valueAt(value, inner);
  if (got === undefined) return [{ path, message: `missing: ${expectation(issue.message)}` }];
  return [{ path, message: `${expectation(issue.message)}, got ${show(got)}` }];
}

/** zod's sentence without its standing opening and its description of what came, which is shown here instead. */
function expectation(message: string): string {
  const text = message.replace(/^Invalid (input|option): /, "").replace(/, received .*$/, "");
  return text.charAt(0).toLowerCase() + text.slice(1);
}

function show(value: unknown): string {
  const text =
    typeof value === "object" ? JSON.stringify(value) : typeof value === "string" ? `"${value}"` : String(value);
  return text.length > 60 ? `${text.slice(0, 57)}…` : text;
}

function valueAt(value: unknown, path: ConfigPath): unknown {
  let at = value;
  for (const part of path) at = (at as Record<string | number, unknown> | undefined | null)?.[part];
  return at;
}

/** The keys that a schema knows at a path; what it cannot tell is left out. */
function knownKeys(schema: z.ZodType, path: ConfigPath): readonly string[] {
  const bare = unwrap(schema);
  if (bare instanceof z.ZodUnion) {
    return [...new Set(bare.options.flatMap((option) => knownKeys(option as z.ZodType, path)))];
  }
  const [head, ...rest] = path;
  if (head === undefined) return bare instanceof z.ZodObject ? Object.keys(bare.shape) : [];
  if (bare instanceof z.ZodObject) {
    const next = bare.shape[head] as z.ZodType | undefined;
    return next ? knownKeys(next, rest) : [];
  }
  if (bare instanceof z.ZodRecord) return knownKeys(bare.valueType as z.ZodType, rest);
  if (bare instanceof z.ZodArray) return knownKeys(bare.element as z.ZodType, rest);
  return [];
}

function unwrap(schema: z.ZodType): z.ZodType {
  let at = schema;
  while (at instanceof z.ZodOptional || at instanceof z.ZodDefault || at instanceof z.ZodPrefault) {
    at = at.unwrap() as z.ZodType;
  }
  return at instanceof z.ZodPipe ? unwrap(at.in as z.ZodType) : at;
}
