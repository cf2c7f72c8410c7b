import { describe, expect, test } from "vitest";
import { readReport } from "../../bench/harness/h2load.js";

/** What h2load 1.52 prints, as far as it is read. */
const output = (good: number, data: number) => `
finished in 20.66ms, 145.20 req/s, 4.10KB/s
requests: 4 total, 4 started, 4 done, ${good} succeeded, ${4 - good} failed, 0 errored, 0 timeout
status codes: ${good} 2xx, 0 3xx, ${4 - good} 4xx, 0 5xx
traffic: 1.20KB (1228) total, 210B (210) headers (space savings 71.20%), ${data}B (${data}) data`;

// Start in us since the epoch, status, us until the answer's end.
const log = "1000000\t200\t1000\n1000500\t200\t3000\n1002000\t200\t2000\n1003000\t200\t1000\n";

describe("a report of h2load", () => {
  test("gives the rate from the first start to the last end, and the times in ms", () => {
    const { perSecond, p50, p99, bad } = readReport(output(4, 40), log, 4, 10);
    expect(perSecond).toBeCloseTo(1000);
    expect([p50, p99, bad]).toEqual([1, 3, 0]);
  });

  test("counts replies of another status as bad", () => {
    expect(readReport(output(3, 40), log, 4, 10).bad).toBe(1);
  });

  test("counts replies that lack their message as bad, though their status is 200", () => {
    expect(readReport(output(4, 20), log, 4, 10).bad).toBe(2);
  });

  test("counts replies that are too long as bad, and never more than there were", () => {
    expect(readReport(output(4, 4000), log, 4, 10).bad).toBe(4);
  });

  test("counts all as bad when nobody answered", () => {
    expect(readReport(output(0, 0), "", 4, 10)).toMatchObject({ bad: 4, perSecond: 0 });
  });

  test("is not guessed at when it has another form", () => {
    expect(() => readReport("h2load: something else", log, 4, 10)).toThrow("h2load's report was not understood");
  });
});
