import { setImmediate as nextTurn } from "node:timers/promises";
import type { MetricsPage } from "../../../core/index.js";
import type { AnyFamily } from "./family.js";
import { processMetrics } from "./process.js";
import { absorb, type Counted, countedIn, summed } from "./sum.js";
import { familyText } from "./text.js";

/** How long the page is written before the event loop has its turn, in milliseconds. */
const SLICE = 5;

/** The families in their order, then the process's metrics. */
export function createPage(families: readonly AnyFamily[]): MetricsPage {
  return {
    // TensorFlow Serving says no more; Prometheus takes it for its text format.
    contentType: "text/plain",
    counted: () => countedIn(families),
    absorb: (counted) => absorb(families, counted as Counted),
    render: async (elsewhere = []) => {
      const parts: string[] = [];
      let start = performance.now();
      for (const family of summed(families, elsewhere as readonly Counted[])) {
        for (const part of familyText(family)) {
          parts.push(part);
          if (performance.now() - start < SLICE) continue;
          await nextTurn();
          start = performance.now();
        }
      }
      return parts.join("") + (await processMetrics());
    },
  };
}
