import fc from "fast-check";
import { expect, it } from "vitest";
import { broadcast } from "../../../../plugins/servables/savedmodel/lowering/value.js";

/** By definition: sizes from the right, 1 stretches. */
function reference(a: readonly number[], b: readonly number[]): number[] | undefined {
  const rank = Math.max(a.length, b.length);
  const pad = (shape: readonly number[]) => [...new Array<number>(rank - shape.length).fill(1), ...shape];
  const [x, y] = [pad(a), pad(b)];
  if (x.some((size, d) => size !== y[d] && size !== 1 && y[d] !== 1)) return undefined;
  return x.map((size, d) => (size === 1 ? y[d]! : size));
}

const shape = fc.array(fc.constantFrom(0, 1, 2, 3), { maxLength: 4 });

it("broadcasts known shapes as NumPy does", () => {
  fc.assert(
    fc.property(shape, shape, (a, b) => {
      expect(broadcast(a, b)).toEqual(reference(a, b));
    }),
    { numRuns: 1000 },
  );
});

it("never claims a size that some input of the open shape would not have", () => {
  fc.assert(
    fc.property(shape, shape, fc.array(fc.boolean(), { minLength: 4, maxLength: 4 }), (a, b, hidden) => {
      const exact = reference(a, b);
      fc.pre(exact !== undefined);
      const open = broadcast(
        a.map((size, d) => (hidden[d] ? -1 : size)),
        b,
      );
      expect(open?.length).toBe(exact.length);
      for (const [d, size] of open!.entries()) if (size !== -1) expect(size).toBe(exact[d]);
    }),
    { numRuns: 1000 },
  );
});
