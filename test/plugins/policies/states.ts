import fc from "fast-check";
import type { Snapshot } from "salver";
import { phases } from "salver/testing";

/** Any state of a model with up to eight versions, negative and very large numbers among them. */
export const anyState: fc.Arbitrary<readonly Snapshot[]> = fc.uniqueArray(
  fc.record({
    version: fc.oneof(fc.bigInt({ min: -5n, max: 20n }), fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })),
    aspired: fc.boolean(),
    phase: fc.constantFrom(...phases),
  }),
  { maxLength: 8, selector: (each) => each.version },
);

/** Which versions can be loaded, as a function of a random number: the same version always fares the same. */
export const anyOutcome = fc.func(fc.boolean()) as fc.Arbitrary<(version: bigint) => boolean>;

export const ready = (versions: readonly Snapshot[]) => versions.filter((each) => each.phase === "ready");
