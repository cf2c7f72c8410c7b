import fc from "fast-check";
import { expect, test } from "vitest";
import { RequestMemory } from "../../core/index.js";

const overlap = (a: Buffer, b: Buffer) =>
  a.buffer === b.buffer && a.byteOffset < b.byteOffset + b.length && b.byteOffset < a.byteOffset + a.length;

test("memory has the size that was asked for, suits every element type, and is nobody else's until it is given back", () => {
  const size = fc.oneof(fc.integer({ min: 0, max: 5000 }), fc.integer({ min: 0, max: 2 ** 18 }));
  fc.assert(
    fc.property(fc.array(fc.record({ sizes: fc.array(size, { maxLength: 5 }), back: fc.boolean() })), (requests) => {
      const held: Buffer[] = [];
      for (const { sizes, back } of requests) {
        const memory = new RequestMemory();
        const own: Buffer[] = [];
        for (const bytes of sizes) {
          const taken = memory.take(bytes);
          expect([taken.length, taken.byteOffset % 8]).toEqual([bytes, 0]);
          if (bytes > 0) expect([...held, ...own].some((other) => overlap(taken, other))).toBe(false);
          own.push(taken);
        }
        if (back) memory.giveBack();
        else held.push(...own);
      }
    }),
  );
});

test("what was given back is used again, once", () => {
  const first = new RequestMemory();
  const [a] = [first.take(100_000)];
  first.giveBack();
  first.giveBack();
  const [second, third] = [new RequestMemory(), new RequestMemory()];
  const [b, c] = [second.take(70_000), third.take(70_000)];
  expect([b.buffer === a.buffer, c.buffer === a.buffer]).toEqual([true, false]);
});

test("only memory that is there is spare, and no more than 32 MiB of it are kept", () => {
  const memory = new RequestMemory();
  const blocks = Array.from({ length: 6 }, () => memory.take(2 ** 23).buffer);
  memory.giveBack();
  const again = new RequestMemory();
  const spare = Array.from({ length: 6 }, () => again.takeSpare(2 ** 23 - 1)?.buffer);
  const found = spare.filter((buffer) => buffer !== undefined);
  expect(found.length).toBeLessThanOrEqual(4);
  expect(found.length).toBeGreaterThan(2);
  for (const buffer of found) expect(blocks).toContain(buffer);
  again.giveBack();
});
