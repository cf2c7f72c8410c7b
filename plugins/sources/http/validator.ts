import type { Answer } from "./client.js";

/**
 * What tells one state of a file from another: its ETag, or else the time of its last change. A listed file carries it as
 * its etag.
 */
export const validatorOf = ({ header }: Pick<Answer, "header">): string | undefined =>
  header("etag") ?? header("last-modified");

const isWeak = (validator: string) => validator.startsWith("W/");

/** Asks for the rest of the very file; of one that cannot be told from others, for all of it. */
export function rangeHeaders(offset: number, validator: string | undefined): Readonly<Record<string, string>> {
  if (offset === 0 || (validator !== undefined && isWeak(validator))) return {};
  return { range: `bytes=${offset}-`, ...(validator !== undefined && { "if-range": validator }) };
}

/** Of a `Content-Range: bytes 100-199/200`, where it begins and the size of the whole file. */
export function readContentRange(
  header: string | undefined,
): { readonly start: number; readonly size?: number } | undefined {
  const [, start, size] = /^bytes (\d{1,15})-\d{1,15}\/(\d{1,15}|\*)$/.exec(header ?? "") ?? [];
  if (start === undefined) return undefined;
  return { start: Number(start), ...(size !== "*" && { size: Number(size) }) };
}

/** @throws nothing: what is no length is none */
export function lengthOf({ header }: Pick<Answer, "header">): number | undefined {
  const length = header("content-length") ?? "";
  return /^\d{1,15}$/.test(length) ? Number(length) : undefined;
}
