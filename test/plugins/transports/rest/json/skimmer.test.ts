import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createSkimmer } from "../../../../../plugins/transports/rest/json/scan/skimmer.js";

/** The offset after the value, reached in steps of `slice` bytes. */
function skim(text: string, slice = 1e9): number {
  const skimmer = createSkimmer(Buffer.from(text), 0);
  for (let i = 0; !skimmer.step(skimmer.at + slice); i++) {
    if (i > text.length + 2) throw new Error("no progress");
  }
  return skimmer.at;
}

const parses = (text: string): boolean => {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
};

describe("syntax", () => {
  it.each([
    ["", "Invalid value.", 0],
    ['{"a"', "Missing a colon after a name of object member.", 4],
    ['{"a":', "Invalid value.", 5],
    ['{"a":1', "Missing a comma or } after an object member.", 6],
    ["{a:1}", "Missing a name for object member.", 1],
    ['{"a":1,}', "Missing a name for object member.", 7],
    ["[1,]", "Invalid value.", 3],
    ["[1 2]", "Missing a comma or ] after an array element.", 3],
    ["[1}", "Missing a comma or ] after an array element.", 2],
    ["[tru]", "Invalid value.", 4],
    ["[01]", "Missing a comma or ] after an array element.", 2],
    ["[-]", "Invalid value.", 2],
    ["[1.]", "Miss fraction part in number.", 3],
    ["[1e]", "Miss exponent in number.", 3],
    ["[1e400]", "Number too big to be stored in double.", 1],
    [`[${"9".repeat(400)}]`, "Number too big to be stored in double.", 1],
    ["[Nan]", "Invalid value.", 3],
    ["[Infinite]", "Invalid value.", 8],
    ['["a', "Missing a closing quotation mark in string.", 3],
    ['["\\x"]', "Invalid escape character in string.", 2],
    ['["\\u12g4"]', "Incorrect hex digit after \\u escape in string.", 2],
    ['["\\ud800"]', "The surrogate pair in string is invalid.", 2],
    ['["\\ude00"]', "The surrogate pair in string is invalid.", 2],
    ['["\u0001"]', "Invalid encoding in string.", 2],
  ])("%j is refused: %s at %i", (text, reason, offset) => {
    expect(() => skim(text)).toThrow(`JSON Parse error: ${reason} at offset: ${offset}`);
  });

  it.each(["NaN", "-NaN", "Inf", "-Inf", "Infinity", "-Infinity", "0", "-0.5e-3", `0.${"0".repeat(400)}1`, "1e-999"])(
    "%s is a number",
    (text) => {
      expect(skim(`[${text}]`)).toBe(text.length + 2);
    },
  );

  it("bytes after the value are not looked at", () => {
    expect(skim('{"a":[1]} }] nonsense')).toBe(9);
  });

  it("100,000 levels are only bytes to it, closed or not", () => {
    const deep = "[".repeat(100_000);
    expect(skim(deep + "]".repeat(100_000))).toBe(200_000);
    expect(() => skim(deep)).toThrow("Invalid value. at offset: 100000");
    expect(skim('{"a":'.repeat(100_000) + 1 + "}".repeat(100_000))).toBe(600_001);
  });

  it("accepts what JSON.parse accepts, in slices of any size", () => {
    fc.assert(
      fc.property(fc.json(), fc.integer({ min: 1, max: 9 }), (text, slice) => {
        expect(skim(text, slice)).toBe(Buffer.byteLength(text));
      }),
    );
  });

  it("of changed documents, refuses those that JSON.parse refuses", () => {
    const change = fc.tuple(fc.nat(), fc.constantFrom(...'{}[]",:\\0123456789.eE+- tfnaulrsx'));
    const json = fc.json({ stringUnit: "grapheme-ascii" });
    fc.assert(
      fc.property(json, fc.array(change, { maxLength: 3 }), (text, changes) => {
        const chars = [...text];
        for (const [at, char] of changes) chars[at % chars.length] = char;
        const changed = chars.join("").trim();
        let end: number;
        try {
          end = skim(changed);
        } catch (error) {
          // JSON.parse makes an infinity of what no double holds.
          const tooBig = (error as Error).message.includes("too big");
          if (!tooBig) expect(parses(changed)).toBe(false);
          return;
        }
        expect(parses(changed.slice(0, end))).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });
});

describe("members", () => {
  it("of the outermost object are told with the ranges of key and value", () => {
    const text = ' {"a" : [1, {"b":2}] , "c":"x", "":{}} {"d":1}';
    const seen: string[] = [];
    const skimmer = createSkimmer(Buffer.from(text), 0, (key, value) =>
      seen.push(`${text.slice(key.start, key.end)}=${text.slice(value.start, value.end)}`),
    );
    while (!skimmer.step(skimmer.at + 1));
    expect(seen).toEqual(['a=[1, {"b":2}]', 'c="x"', "={}"]);
  });
});
