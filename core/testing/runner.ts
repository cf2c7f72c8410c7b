/**
 * The two functions a conformance kit needs from a test runner. The kits take them as an argument and assert with
 * `node:assert`, so they run under vitest, jest, mocha and `node:test` alike and the package depends on none of them:
 *
 *     import { describe, test } from "vitest";
 *     describeSource({ describe, test }, "s3", harness);
 */
export type TestRunner = {
  describe(name: string, body: () => void): unknown;
  test(name: string, body: () => void | Promise<void>): unknown;
};
