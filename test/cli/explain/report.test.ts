import { expect, test } from "vitest";
import { report } from "../../../cli/explain/report.js";
import { summarize } from "../../../cli/explain/summary.js";
import { times } from "./batches.js";

const refused = { UNAVAILABLE: 3, DEADLINE_EXCEEDED: 1 };
const told =
  "Requests that failed since it was loaded: 3 UNAVAILABLE (the queue was full: raise `maxEnqueuedBatches` or `threads`, " +
  "or send less at once), 1 DEADLINE_EXCEEDED (their deadlines passed, or could not be met).";

test("requests that were refused are told of, also where no batch has run", () => {
  const batches = times(2);
  expect(report("m", summarize(batches), batches, refused)).toContain(`\n${told}\n`);
  expect(report("m", summarize(batches), batches, {})).not.toContain("failed since");
  expect(report("m", [], [], refused)).toBe(`m: no batch has run. ${told}`);
});
