import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readDecimal, readInteger } from "../../../../../plugins/transports/rest/json/read/number.js";

function decimal(text: string, single: boolean): number {
  const end = { at: 0 };
  const value = readDecimal(Buffer.from(`${text},1`), 0, end, single);
  expect(end.at).toBe(text.length);
  return value;
}

const digits = (max: number) =>
  fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 1, maxLength: max }).map((list) => list.join(""));
const integer = digits(25).map((text) => text.replace(/^0+(?=\d)/, ""));
const number = fc
  .tuple(fc.boolean(), integer, fc.option(digits(25)), fc.option(fc.integer({ min: -330, max: 280 })))
  .map(
    ([minus, whole, fraction, exponent]) =>
      `${minus ? "-" : ""}${whole}${fraction === null ? "" : `.${fraction}`}${exponent === null ? "" : `e${exponent}`}`,
  );

describe("decimals", () => {
  it("are the nearest double", () => {
    fc.assert(
      fc.property(fc.oneof(number, fc.double({ noNaN: true, noDefaultInfinity: true }).map(String)), (text) => {
        expect(decimal(text, false)).toBe(Number(text));
      }),
      { numRuns: 5000 },
    );
  });

  it("round to the nearest float32", () => {
    const float = fc.float({ noNaN: true, noDefaultInfinity: true });
    fc.assert(
      fc.property(
        fc.oneof(
          number,
          float.map(String),
          float.map((value) => value.toPrecision(17)),
        ),
        (text) => {
          expect(Math.fround(decimal(text, true))).toBe(Math.fround(Number(text)));
        },
      ),
      { numRuns: 5000 },
    );
  });

  it("near to halfway between two float32 go the exact way", () => {
    // Of these the quick double falls on the wrong side.
    for (const text of ["0.71570274233818054", "0.715702742338180542", "6.3604443073272705", "6.3604443073272705078"]) {
      expect(Math.fround(decimal(text, true))).toBe(Math.fround(Number(text)));
    }
  });

  it("beyond float32 become infinite, below it zero", () => {
    expect(Math.fround(decimal("1e39", true))).toBe(Number.POSITIVE_INFINITY);
    expect(Math.fround(decimal("-1e39", true))).toBe(Number.NEGATIVE_INFINITY);
    expect(Math.fround(decimal("-1e-60", true))).toBe(-0);
  });

  it.each([
    ["NaN", Number.NaN],
    ["-NaN", Number.NaN],
    ["Inf", Number.POSITIVE_INFINITY],
    ["-Infinity", Number.NEGATIVE_INFINITY],
    ["-0", -0],
    ["-0.0e5", -0],
  ])("%s", (text, value) => expect(decimal(text, true)).toBe(value));
});

describe("integers", () => {
  const read = (text: string) => readInteger(Buffer.from(text), 0, { at: 0 });

  it("are exact below 2^53 and infinite beyond", () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(2n ** 66n), max: 2n ** 66n }), (value) => {
        const size = value < 0n ? -value : value;
        const wanted = size < 2n ** 53n ? Number(value) : value < 0n ? -Infinity : Infinity;
        expect(read(String(value))).toBe(wanted);
      }),
    );
  });

  it.each(["1.0", "1e3", "1E3", "NaN", "Infinity", "-Inf", "true", '"1"'])("%s is none", (text) => {
    expect(read(text)).toBeNaN();
  });
});
