import type { MetricsPage } from "../../../core/index.js";

export type Increase = { readonly name: string; readonly increase: bigint };

/**
 * Notes what the named metrics stand at. The function that comes back says by how much each has grown since; one
 * that is not on the page has not.
 * @param names TensorFlow Serving's, e.g. `/tensorflow/serving/request_count`, or as they stand on the page
 */
export async function metricReader(
  page: MetricsPage,
  names: readonly string[],
): Promise<() => Promise<readonly Increase[]>> {
  const before = await page.render();
  return async () => {
    const after = await page.render();
    return names.map((name) => ({ name, increase: total(after, name) - total(before, name) }));
  };
}

/** The sum of a metric's samples on a page of Prometheus' text format, in which names hold `:` for `/`. */
function total(text: string, name: string): bigint {
  const sample = name.replaceAll(/[^A-Za-z0-9_]/g, ":");
  let sum = 0;
  for (const line of text.split("\n")) {
    if (!line.startsWith(sample)) continue;
    const rest = /^(?:\{.*\})? (\S+)/.exec(line.slice(sample.length));
    const value = Number(rest?.[1]);
    if (Number.isFinite(value)) sum += value;
  }
  return BigInt(Math.trunc(sum));
}
