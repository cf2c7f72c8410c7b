import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createPace, type Pace } from "../../../../../plugins/servables/savedmodel/steps/pace.js";
import { LAST, RegexError, union } from "../../../../../plugins/servables/savedmodel/steps/regex/ast.js";
import { createMatcher } from "../../../../../plugins/servables/savedmodel/steps/regex/regex.js";
import { utf8Ranges } from "../../../../../plugins/servables/savedmodel/steps/regex/utf8.js";

const pace = createPace(new AbortController().signal);
const bytes = (text: string) => new Uint8Array(Buffer.from(text));
const find = async (pattern: string, text: string, from = 0) => {
  const matcher = createMatcher(pattern);
  const match = matcher.findNow(bytes(text), from);
  expect(await matcher.find(bytes(text), from, pace)).toEqual(match);
  return match && [match[0], match[1]];
};

/** Patterns that mean the same in JavaScript, over three letters; none that may repeat what is empty. */
const atom = fc.constantFrom(
  "a",
  "b",
  "c",
  ".",
  "[ab]",
  "[^a]",
  "\\b",
  "^",
  "$",
  "(?:a|bc)",
  "(ab|a)",
  "(?:b|)",
  "\\w",
);
const repeated = fc
  .tuple(
    fc.constantFrom("a", "b", ".", "[ac]", "(?:ab)", "(b|cc)"),
    fc.constantFrom("*", "+", "?", "*?", "+?", "??", "{2}", "{1,2}", "{0,2}?"),
  )
  .map(([inner, sign]) => inner + sign);
const sequence = fc.array(fc.oneof(atom, repeated), { minLength: 1, maxLength: 5 }).map((parts) => parts.join(""));
const pattern = fc.array(sequence, { minLength: 1, maxLength: 3 }).map((choices) => choices.join("|"));
const text = fc.string({ unit: fc.constantFrom("a", "b", "c", " "), maxLength: 12 });

describe("a pattern", () => {
  it("matches where JavaScript's does, wherever both mean the same", async () => {
    await fc.assert(
      fc.asyncProperty(pattern, text, fc.nat(12), async (source, subject, from) => {
        const start = Math.min(from, subject.length);
        const expression = new RegExp(source, "g");
        expression.lastIndex = start;
        const wanted = expression.exec(subject);
        const expected = wanted ? [wanted.index, wanted.index + wanted[0].length] : undefined;
        expect(await find(source, subject, start)).toEqual(expected);
      }),
      { numRuns: 3000 },
    );
  });

  it("takes a time that grows with the text, however it is written", async () => {
    // A matcher that goes back on its steps would need more than 2 to the power of 30 of them.
    expect(await find(`${"a?".repeat(30)}${"a".repeat(30)}b`, "a".repeat(60))).toBeUndefined();
    expect(await find("(?:a|a)+$", `${"a".repeat(2000)}b`)).toBeUndefined();
  });

  it("is interrupted by other work and by the end of its request, and others may use it meanwhile", async () => {
    const matcher = createMatcher("a+b");
    const long = new Uint8Array(100_000).fill(97);
    let turns = 0;
    const slow: Pace = {
      ...pace,
      breathe: async () => {
        turns++;
        expect([...((await matcher.find(bytes("xaab"), 0, pace)) ?? [])]).toEqual([1, 4]);
      },
    };
    expect(await matcher.find(Uint8Array.from([...long, 98]), 0, slow)).toEqual(Int32Array.of(0, 100_001));
    expect(turns).toBeGreaterThan(10);
    const gone: Pace = { ...pace, breathe: () => Promise.reject(new Error("gone")) };
    await expect(async () => matcher.find(long, 0, gone)).rejects.toThrow("gone");
    expect(await find("a+b", "ab")).toEqual([0, 2]);
  });

  it("finds runs of characters across the slices that long texts are searched in", async () => {
    const text = `${"x".repeat(4000)}${" ".repeat(5000)}x${" ".repeat(4096)}`;
    expect(await find("\\s+", text)).toEqual([4000, 9000]);
    expect(await find("\\s", text, 9000)).toEqual([9001, 9002]);
    expect(await find("\\s+", text, 9000)).toEqual([9001, 13_097]);
    expect(await find("y", text)).toBeUndefined();
  });

  for (const refused of [
    "(",
    ")",
    "a**",
    "*",
    "(a*)*",
    "(?:|a)+",
    "[b-a]",
    "[[:nope:]]",
    "\\p{L}",
    "\\1",
    "\\Qa",
    "a{2000}",
    "(?i)ä",
    "(?=a)",
    "[",
    "a{3,2}",
    "\\",
  ]) {
    it(`is refused when it is ${refused}`, () => {
      expect(() => createMatcher(refused)).toThrow(RegexError);
    });
  }

  it("is refused when it is too large", () => {
    expect(() => createMatcher("(?:[a-z]{1,100}){1,100}")).toThrow("the pattern is too large");
  });
});

describe("sets of code points", () => {
  const point = fc.oneof(
    fc.integer({ min: 0, max: LAST }),
    fc.constantFrom(0x7f, 0x80, 0x7ff, 0x800, 0xffff, 0x10000, LAST),
  );
  const range = fc.tuple(point, point).map(([a, b]) => [Math.min(a, b), Math.max(a, b)] as const);

  it("become the bytes of exactly those that are in them", () => {
    fc.assert(
      fc.property(fc.array(range, { minLength: 1, maxLength: 3 }), point, (given, probe) => {
        fc.pre(probe < 0xd800 || probe > 0xdfff);
        const ranges = union(given);
        const encoded = bytes(String.fromCodePoint(probe));
        const ways = utf8Ranges(ranges).filter(
          (way) =>
            way.length === encoded.length && way.every(([low, high], i) => encoded[i]! >= low && encoded[i]! <= high),
        );
        expect(ways.length).toBe(ranges.some(([low, high]) => probe >= low && probe <= high) ? 1 : 0);
      }),
      { numRuns: 3000 },
    );
  });
});
