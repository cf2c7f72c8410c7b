import { expect, it } from "vitest";
import { type Column, columnOfTexts } from "../../../../../plugins/servables/transform/column.js";
import type { CsvBatch } from "../../../../../plugins/servables/transform/fit/csv.js";
import { createPasses } from "../../../../../plugins/servables/transform/fit/passes.js";

const batch = (rows: number): CsvBatch => ({
  columns: new Map<string, Column>([
    ["n", { dtype: "float64", row: [], values: new Float64Array(rows) }],
    ["s", columnOfTexts(new Array<string>(rows).fill("x"), [])],
  ]),
  rows,
  lines: Array.from({ length: rows }, (_, i) => i + 2),
  read: rows,
});
const batches = [batch(3), batch(1), batch(0)];

/** How often two passes read, and what they get, where so many bytes may be kept. */
async function twice(most: number) {
  let reads = 0;
  const pass = createPasses(async function* () {
    reads++;
    yield* batches;
  }, most);
  const got: CsvBatch[][] = [];
  for (let i = 0; i < 2; i++) {
    const all: CsvBatch[] = [];
    for await (const each of pass()) all.push(each);
    got.push(all);
  }
  return { reads, got };
}

it.each([
  ["what fits into memory is read once", 4 * 80, 1],
  ["what does not is read for each pass", 4 * 80 - 1, 2],
])("%s", async (_what, most, wanted) => {
  const { reads, got } = await twice(most);
  expect(reads).toBe(wanted);
  expect(got).toEqual([batches, batches]);
});

it("a pass that was left early is no pass", async () => {
  let reads = 0;
  const pass = createPasses(async function* () {
    reads++;
    yield* batches;
  });
  for await (const _ of pass()) break;
  const rows: number[] = [];
  for await (const each of pass()) rows.push(each.rows);
  expect([reads, rows]).toEqual([2, [3, 1, 0]]);
});
