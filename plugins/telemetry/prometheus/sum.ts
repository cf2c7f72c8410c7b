import { type AnyFamily, type Scalar, type Series, seriesKey } from "./family.js";
import type { Histogram } from "./histogram.js";

type Cell = Scalar | Histogram;

/** The series of each family, in the families' order, as data that can be posted. */
export type Counted = readonly (readonly Series<Cell>[])[];

// A gauge is the state of the whole, which one thread knows.
const adds = ({ kind }: AnyFamily) => kind !== "gauge";

export const countedIn = (families: readonly AnyFamily[]): Counted =>
  families.map((family) => (adds(family) ? [...family.series()] : []));

function add(to: Cell, from: Cell): void {
  if ("value" in to && "value" in from) to.value += from.value;
  if ("counts" in to && "counts" in from) {
    from.counts.forEach((count, i) => {
      (to.counts[i] as number) += count;
    });
    to.sum += from.sum;
  }
}

/** Adds what was counted elsewhere to the families. */
export function absorb(families: readonly AnyFamily[], counted: Counted): void {
  for (const [i, family] of families.entries()) {
    for (const { labels, cell } of counted[i] ?? []) add(family.cell(...labels), cell);
  }
}

const copyOf = (cell: Cell): Cell => ("value" in cell ? { ...cell } : { ...cell, counts: cell.counts.slice() });

/** The families with what was counted elsewhere; they stay as they are. */
export function summed(families: readonly AnyFamily[], elsewhere: readonly Counted[]): readonly AnyFamily[] {
  if (elsewhere.length === 0) return families;
  return families.map((family, i) => {
    const sums = new Map<string, Series<Cell>>();
    for (const { labels, cell } of [[...family.series()], ...elsewhere.map((counted) => counted[i] ?? [])].flat()) {
      const key = seriesKey(labels);
      const known = sums.get(key);
      if (known) add(known.cell, cell);
      else sums.set(key, { labels, cell: copyOf(cell) });
    }
    return { ...family, series: () => sums.values() } as AnyFamily;
  });
}
