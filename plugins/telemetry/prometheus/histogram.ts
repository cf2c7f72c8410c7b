/** Counts of observed values by bucket; the last bucket takes what is above every limit. */
export type Histogram = {
  /** Upper limits, inclusive, rising. */
  readonly limits: readonly number[];
  readonly counts: Float64Array;
  sum: number;
};

export const newHistogram = (limits: readonly number[]): Histogram => ({
  limits,
  counts: new Float64Array(limits.length + 1),
  sum: 0,
});

export function observe(histogram: Histogram, value: number): void {
  const { limits, counts } = histogram;
  let bucket = 0;
  while (bucket < limits.length && value > (limits[bucket] as number)) bucket++;
  (counts[bucket] as number)++;
  histogram.sum += value;
}

/** `count` limits, each `growth` times the one before. */
export function exponential(first: number, growth: number, count: number): readonly number[] {
  const limits = [first];
  while (limits.length < count) limits.push((limits.at(-1) as number) * growth);
  return limits;
}
