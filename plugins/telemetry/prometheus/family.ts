import { type Histogram, newHistogram } from "./histogram.js";

export type Scalar = { value: number };

export type Series<C> = { readonly labels: readonly string[]; readonly cell: C };

type About = {
  readonly name: string;
  readonly help?: string;
  /** Names of the labels; every series has a value for each. */
  readonly labels: readonly string[];
};

/** All series of one metric. */
export interface Family<C> extends About {
  readonly kind: "counter" | "gauge" | "histogram";
  /** The cell to count in: made at the first call, the same one at the next. Keep it where calls are many. */
  cell(...labels: readonly string[]): C;
  /** Forgets the series whose first labels are these. */
  drop(...labels: readonly string[]): void;
  series(): Iterable<Series<C>>;
}

export interface ScalarFamily extends Family<Scalar> {
  readonly kind: "counter" | "gauge";
}

export interface HistogramFamily extends Family<Histogram> {
  readonly kind: "histogram";
  /** Writes a bucket's limit. */
  readonly le: (limit: number) => string;
}

export type AnyFamily = ScalarFamily | HistogramFamily;

// A label's value may hold anything; a unit separator in one could at worst merge two series.
const SEPARATOR = "\u001f";

/** One key for one list of labels. */
export const seriesKey = (labels: readonly string[]): string =>
  labels.length < 2 ? (labels[0] ?? "") : labels.join(SEPARATOR);

function store<C>(create: () => C, most: number): Pick<Family<C>, "cell" | "drop" | "series"> {
  const all = new Map<string, Series<C>>();
  return {
    cell: (...labels) => {
      const key = seriesKey(labels);
      const known = all.get(key);
      if (known) return known.cell;
      const series = { labels, cell: create() };
      all.set(key, series);
      const [oldest] = all.keys();
      if (all.size > most && oldest !== undefined) all.delete(oldest);
      return series.cell;
    },
    drop: (...labels) => {
      for (const [key, series] of all) {
        if (labels.every((value, i) => series.labels[i] === value)) all.delete(key);
      }
    },
    series: () => all.values(),
  };
}

/** @param most series kept; one more, and the oldest goes. For labels whose values never stop coming. */
export function scalars(kind: ScalarFamily["kind"], about: About, most = Number.POSITIVE_INFINITY): ScalarFamily {
  return { ...about, kind, ...store(() => ({ value: 0 }), most) };
}

export function histograms(
  about: About & { readonly limits: readonly number[]; readonly le?: (limit: number) => string },
  most = Number.POSITIVE_INFINITY,
): HistogramFamily {
  const { limits, le = String, ...rest } = about;
  return { ...rest, kind: "histogram", le, ...store(() => newHistogram(limits), most) };
}
