import fc from "fast-check";
import { expect, it } from "vitest";
import { numberOf } from "../../../../plugins/servables/transform/number-of.js";

it("reads back every number, with whitespace around it", () => {
  fc.assert(
    fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), fc.constantFrom("", " ", "\t"), (value, space) => {
      expect(numberOf(`${space}${value}${space}`) === value).toBe(true);
    }),
  );
});

it.each([
  ["", Number.NaN],
  ["  ", Number.NaN],
  ["nan", Number.NaN],
  ["-Inf", Number.NEGATIVE_INFINITY],
  [".5", 0.5],
  ["+5.", 5],
  ["1E3", 1000],
])("%j is %d", (text, value) => {
  expect(numberOf(text)).toBe(value);
});

it.each(["0x10", "+0x10", "0b1", "1_000", "1,5", "1 2", "-", ".", "e5", "Infinity", "true", "--1"])(
  "%j is none",
  (text) => {
    expect(numberOf(text)).toBeUndefined();
  },
);
