import fc from "fast-check";
import { expect, it } from "vitest";
import { decimalOf } from "../../../../../plugins/servables/transform/fit/decimal.js";

/** With bytes around it that do not belong to it. */
const read = (text: string) => {
  const bytes = Buffer.from(`7${text}8`);
  return decimalOf(bytes, 1, bytes.length - 1);
};

const digits = fc.string({ unit: fc.constantFrom(..."0123456789"), maxLength: 20 });
const decimal = fc
  .tuple(fc.constantFrom("", "-", "+"), digits, fc.constantFrom("", "."), digits)
  .map((parts) => parts.join(""));

it("gives what Number gives, bit by bit, or leaves it to others", () => {
  const any = fc.oneof(
    decimal,
    fc.double().map(String),
    fc.float().map(String),
    fc.string({ unit: fc.constantFrom(..."01.-+e x") }),
  );
  fc.assert(
    fc.property(any, (text) => {
      const value = read(text);
      if (!Number.isNaN(value)) expect(value).toBe(Number(text));
    }),
    { numRuns: 5000 },
  );
});

it.each(["0", "-0", "7.", ".5", "+12.25", "57.34571838378906", "9007199254740991", "0.0000000000000000000001"])(
  "reads %s itself",
  (text) => {
    expect(read(text)).toBe(Number(text));
  },
);

it.each(["", "-", ".", "+.", "1e5", " 1", "1.2.3", "9007199254740992", "0.00000000000000000000001", "0x1", "NaN"])(
  "leaves %j to others",
  (text) => {
    expect(read(text)).toBeNaN();
  },
);
