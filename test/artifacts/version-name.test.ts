import fc from "fast-check";
import { expect, test } from "vitest";
import { parseVersion } from "../../artifacts/version-name.js";

test.each<[string, bigint]>([
  ["1", 1n],
  ["00000123", 123n],
  ["0", 0n],
  ["-7", -7n],
  ["1700000000", 1700000000n],
  ["9223372036854775807", 2n ** 63n - 1n],
  ["-9223372036854775808", -(2n ** 63n)],
])("%s is version %s", (name, version) => {
  expect(parseVersion(name)).toBe(version);
});

test.each(["", "-", "+1", "1.0", "1a", "a1", "0x1", "1e3", " 1", "1\n", "--1", "1_000", "١", "9223372036854775808"])(
  "%j is no version",
  (name) => {
    expect(parseVersion(name)).toBeUndefined();
  },
);

test("every int64 is read back, with any number of leading zeros; everything beyond is refused", () => {
  const int64 = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
  fc.assert(
    fc.property(int64, fc.nat(5), (version, zeros) => {
      const digits = `${version < 0n ? -version : version}`.padStart(20 + zeros, "0");
      expect(parseVersion(version < 0n ? `-${digits}` : digits)).toBe(version);
    }),
  );
  fc.assert(
    fc.property(fc.bigInt({ min: 2n ** 63n, max: 2n ** 80n }), (beyond) => {
      expect(parseVersion(`${beyond}`)).toBeUndefined();
      expect(parseVersion(`-${beyond + 1n}`)).toBeUndefined();
    }),
  );
});
