const hints = new WeakMap<object, number>();

/** Notes on an error how long the other side asked to be left alone, ms. Returns the error. */
export function withRetryAfter<E extends object>(error: E, ms: number | undefined): E {
  if (ms !== undefined) hints.set(error, ms);
  return error;
}

/** How long the other side asked to be left alone, ms. */
export const retryAfterOf = (error: unknown): number | undefined =>
  typeof error === "object" && error !== null ? hints.get(error) : undefined;

/**
 * The header Retry-After (RFC 9110, 10.2.3), seconds or a date, in ms from now on.
 * @param now milliseconds since 1970
 */
export function parseRetryAfter(header: string | null | undefined, now: number): number | undefined {
  if (!header) return undefined;
  const text = header.trim();
  if (/^\d{1,9}$/.test(text)) return Number(text) * 1000;
  const date = /^[A-Z][a-z]+,? /.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}
