import assert from "node:assert/strict";

/** @throws with the first number that is further than `tolerance` from the one expected */
export function near(got: readonly number[], expected: readonly number[], tolerance: number, what: string): void {
  assert.equal(got.length, expected.length, `${what}: as many numbers`);
  for (const [at, value] of expected.entries()) {
    assert.ok(Math.abs(got[at]! - value) <= tolerance, `${what} at ${at}: got ${got[at]}, expected ${value}`);
  }
}
