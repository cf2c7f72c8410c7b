import { expect, test } from "vitest";
import { inWords, monthlyRequests } from "../../../../plugins/sources/s3/cost.js";

const minute = 60_000;
const habits = { verb: "LIST", poll: minute, perLook: 1, recheck: 10 * minute, perRecheck: 3 } as const;

test("a month has 43,200 minutes, and versions are listed less often than looked for", () => {
  expect(monthlyRequests(habits)).toBe(43_200 + 3 * 4320);
  expect(monthlyRequests({ ...habits, recheck: 0 })).toBe(4 * 43_200);
  expect(monthlyRequests({ ...habits, recheck: 1000 })).toBe(4 * 43_200);
  expect(monthlyRequests({ ...habits, poll: 0 })).toBe(0);
});

test("is told in round numbers", () => {
  expect(inWords(habits, true)).toMatch(/^about 56000 LIST requests a month, 0.28 USD /);
  expect(inWords({ ...habits, verb: "GET", perRecheck: 0 }, true)).toMatch(
    /^about 43000 GET requests a month, 0.02 USD /,
  );
  expect(inWords(habits, false)).toBe("about 56000 LIST requests a month; a longer poll takes fewer");
  expect(inWords({ ...habits, poll: 0 }, true)).toBe("no requests after the start");
});
