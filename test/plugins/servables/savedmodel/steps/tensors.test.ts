import fc from "fast-check";
import { expect, it } from "vitest";
import { tensor } from "../../../../../core/index.js";
import { numbersOf } from "../../../../../plugins/servables/savedmodel/steps/tensors.js";

it("reads 64-bit integers as numbers, exactly up to 2 ** 53 and to the nearest beyond", () => {
  const value = fc.oneof(
    fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
    fc.bigInt({ min: -(2n ** 33n), max: 2n ** 33n }),
  );
  fc.assert(
    fc.property(fc.array(value), (values) => {
      expect(numbersOf(tensor("int64", [values.length], BigInt64Array.from(values)))).toEqual(values.map(Number));
    }),
  );
});
