import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { wireFaults } from "salver/testing";
import { expect, test } from "vitest";
import { root } from "../docs/samples.js";

const page = await readFile(join(root, "test/fault/README.md"), "utf8");
const rows = page.split("\n").filter((line) => /^\| (?!fault|-)/.test(line));
const named = (row: string) =>
  [...row.matchAll(/`(\S+\.ts)` "([^"]+)"/g)].map(([, path = "", title = ""]) => ({ path, title }));

test("each fault has a test", () => {
  expect(rows.length).toBeGreaterThan(20);
  expect(rows.filter((row) => named(row).length === 0)).toEqual([]);
});

test("each fault that the kit brings about is listed", () => {
  expect(wireFaults.filter((fault) => !page.includes(fault))).toEqual([]);
});

test("each test that is named exists", async () => {
  const missing: string[] = [];
  for (const { path, title } of rows.flatMap(named)) {
    const text = await readFile(join(root, path), "utf8").catch(() => "");
    if (!text.includes(`"${title}"`) && !text.includes(`\`${title}\``)) missing.push(`${path} "${title}"`);
  }
  expect(missing).toEqual([]);
});
