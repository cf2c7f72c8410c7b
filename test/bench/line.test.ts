import { describe, expect, test } from "vitest";
import { goalCells, linesOf } from "../../bench/goals/cells.js";
import { type Line, verdictOf } from "../../bench/goals/line.js";
import type { Measured } from "../../bench/harness/duel.js";

const line: Line = { text: "", unit: "x", must: 0.8, aim: 1.2, measured: undefined };
const less: Line = { ...line, less: true, must: 1.2, aim: 0.8 };

describe("a line of what must hold", () => {
  test.each([
    [0.79, "missed"],
    [0.8, "must"],
    [1.2, "aim"],
    [undefined, "not measured"],
    [Number.NaN, "not measured"],
  ])("where more is better: %s is %s", (measured, verdict) => {
    expect(verdictOf({ ...line, measured })).toBe(verdict);
  });

  test.each([
    [1.21, "missed"],
    [1.2, "must"],
    [0.8, "aim"],
  ])("where less is better: %s is %s", (measured, verdict) => {
    expect(verdictOf({ ...less, measured })).toBe(verdict);
  });
});

describe("the lines of a cell", () => {
  const cell = goalCells[0]!;
  const measured = (name: string, value: number): Measured => {
    const spread = { median: value, least: value, most: value };
    return { name, perSecond: spread, p50: spread, p99: spread, cpu: spread, bad: 0 };
  };

  test("are ours over theirs", () => {
    const [ours, theirs] = cell.sides.map((name, i) => measured(name, i === 0 ? 30 : 20));
    expect(linesOf(cell, [ours!, theirs!]).map((each) => each.measured)).toEqual([1.5, 1.5]);
  });

  test("say who was not there", () => {
    const [ours] = cell.sides.map((name) => measured(name, 30));
    const lines = linesOf(cell, [ours!]);
    expect(lines.map(verdictOf)).toEqual(["not measured", "not measured"]);
    expect(lines[0]!.why).toContain(cell.sides[1]!);
  });
});
