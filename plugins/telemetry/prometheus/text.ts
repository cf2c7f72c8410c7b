import type { AnyFamily, HistogramFamily, Series } from "./family.js";
import type { Histogram } from "./histogram.js";

const escapes: Readonly<Record<string, string>> = { "\\": "\\\\", '"': '\\"', "\n": "\\n" };
const escaped = (value: string) => value.replace(/[\\"\n]/g, (char) => escapes[char] ?? char);

/**
 * A family in Prometheus' text format 0.0.4, series by series. As TensorFlow Serving writes them, samples have braces
 * even without labels.
 */
export function* familyText(family: AnyFamily): Iterable<string> {
  const { name, kind, help } = family;
  if (help !== undefined) yield `# HELP ${name} ${help}\n`;
  yield `# TYPE ${name} ${kind}\n`;
  if (family.kind === "histogram") {
    for (const series of family.series()) yield histogramText(family, series);
  } else {
    for (const { labels, cell } of family.series()) yield `${name}{${labelText(family, labels)}} ${cell.value}\n`;
  }
}

function labelText({ labels: names }: AnyFamily, values: readonly string[]): string {
  return names.map((name, i) => `${name}="${escaped(values[i] ?? "")}"`).join(",");
}

function histogramText(family: HistogramFamily, { labels, cell }: Series<Histogram>): string {
  const own = labelText(family, labels);
  const prefix = `${family.name}_bucket{${own}${own === "" ? "" : ","}le="`;
  let text = "";
  let below = 0;
  cell.counts.forEach((count, i) => {
    below += count;
    const limit = cell.limits[i];
    text += `${prefix}${limit === undefined ? "+Inf" : family.le(limit)}"} ${below}\n`;
  });
  return `${text}${family.name}_sum{${own}} ${cell.sum}\n${family.name}_count{${own}} ${below}\n`;
}

/** Six significant digits as C writes them with %g, e.g. `188.957` and `1.90376e+06`. */
export function sixDigits(value: number): string {
  const [digits = "", exponent = ""] = value.toExponential(5).split("e");
  const power = Number(exponent);
  if (power >= -4 && power < 6) return String(Number(value.toPrecision(6)));
  const sign = power < 0 ? "-" : "+";
  return `${Number(digits)}e${sign}${String(Math.abs(power)).padStart(2, "0")}`;
}
