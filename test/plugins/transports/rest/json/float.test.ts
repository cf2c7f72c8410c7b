import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { putFloat32 } from "../../../../../plugins/transports/rest/json/write/float32.js";
import { formatDecimal, formatGeneral } from "../../../../../plugins/transports/rest/json/write/general.js";
import { createOutput, written } from "../../../../../plugins/transports/rest/json/write/output.js";

// Bit patterns and the texts that C's printf rules give them, written by Python and numpy.
const golden: Record<"float32" | "float64", [string, string][]> = JSON.parse(
  readFileSync(new URL("printf.json", import.meta.url), "utf8"),
);

const fast = (value: number): string => {
  const out = createOutput(1);
  putFloat32(out, value);
  return written(out).toString();
};
const single = (value: number): string => formatDecimal(value, 9, Math.fround);
const double = (value: number): string => formatDecimal(value, 17, (same) => same);

describe("floats as printf writes them", () => {
  it("float32", () => {
    expect(golden.float32.length).toBeGreaterThan(300);
    for (const [bits, text] of golden.float32) {
      const [value] = new Float32Array(Uint32Array.of(Number(bits)).buffer) as unknown as [number];
      expect(fast(value)).toBe(text);
      expect(single(value)).toBe(text);
    }
  });

  it("float64", () => {
    expect(golden.float64.length).toBeGreaterThan(100);
    for (const [bits, text] of golden.float64) {
      const [value] = new Float64Array(BigUint64Array.of(BigInt(bits)).buffer) as unknown as [number];
      expect(double(value)).toBe(text);
    }
  });

  it.each([
    [3, "3.0"],
    [0.2, "0.2"],
    [100000, "100000.0"],
    [9e6, "9e+06"],
    [1e-5, "1e-05"],
    [1 / 3, "0.333333343"],
    [-0, "-0.0"],
    [2 ** -14, "6.10351562e-05"],
    [0.01, "0.01"],
    [16777216, "16777216.0"],
  ])("%f is %s", (value, text) => {
    expect(fast(Math.fround(value))).toBe(text);
    expect(single(Math.fround(value))).toBe(text);
  });

  it("the fast way and the general one agree", () => {
    const short = fc.tuple(fc.integer({ min: -999999, max: 999999 }), fc.integer({ min: -36, max: 30 }));
    const value = fc.oneof(
      fc.float({ noNaN: true, noDefaultInfinity: true }),
      short.map(([digits, power]) => Math.fround(Number(`${digits}e${power}`))),
      fc.tuple(fc.nat(2 ** 24), fc.nat(40)).map(([whole, power]) => Math.fround(whole / 2 ** power)),
    );
    fc.assert(
      fc.property(value, (each) => {
        expect(fast(each)).toBe(single(each));
        expect(Math.fround(Number(fast(each)))).toBe(each);
      }),
      { numRuns: 20_000 },
    );
  });

  it("doubles read back", () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
        expect(Number(double(value))).toBe(value);
      }),
      { numRuns: 5000 },
    );
  });

  it("halves go to the even digit", () => {
    expect(formatGeneral(2 ** 50 + 0.25, 17)).toBe("1125899906842624.2");
    expect(formatGeneral(2 ** 50 + 0.75, 17)).toBe("1125899906842624.8");
    expect(formatGeneral(0.5, 1)).toBe("0.5");
    expect(formatGeneral(2.5, 1)).toBe("2");
    expect(formatGeneral(3.5, 1)).toBe("4");
  });
});
