/** The value below which the share `q` of the values lies, by nearest rank. NaN without values. */
export function quantile(values: ArrayLike<number>, q: number): number {
  const sorted = Float64Array.from(values).sort();
  return sorted[Math.max(0, Math.ceil(q * sorted.length) - 1)] ?? Number.NaN;
}

export const median = (values: readonly number[]): number => quantile(values, 0.5);

/** The middle of several rounds, and the least and the most that one of them had. */
export type Spread = { readonly median: number; readonly least: number; readonly most: number };

export const spreadOf = (rounds: readonly number[]): Spread => ({
  median: median(rounds),
  least: Math.min(...rounds),
  most: Math.max(...rounds),
});
