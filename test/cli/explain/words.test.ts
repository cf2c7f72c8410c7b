import { expect, test } from "vitest";
import { ago, counted, ms, percent } from "../../../cli/explain/words.js";

test("numbers have no more digits than tell something", () => {
  expect([0, 0.004, 0.04, 0.14, 2.06, 9.96, 38.4, 1234.5].map(ms)).toEqual([
    "0.0 ms",
    "0.00 ms",
    "0.04 ms",
    "0.1 ms",
    "2.1 ms",
    "10.0 ms",
    "38 ms",
    "1235 ms",
  ]);
  expect([0, 120.4, 999, 3400, 12_300, 99_000, 300_000, 7_200_000].map(ago)).toEqual([
    "0 ms",
    "120 ms",
    "999 ms",
    "3.4 s",
    "12 s",
    "99 s",
    "5 min",
    "2 h",
  ]);
  expect([0, 0.004, 0.825, 1].map(percent)).toEqual(["0 %", "0 %", "83 %", "100 %"]);
  expect([0, 1, 1.04, 2.14, 64].map((value) => counted(value, "row"))).toEqual([
    "0 rows",
    "1 row",
    "1 row",
    "2.1 rows",
    "64 rows",
  ]);
});
