import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type ListedVersion, markOf } from "../../artifacts/listing.js";
import {
  type GuardState,
  guard,
  offeredIn,
  offerKey,
  resumed,
  settledIn,
  waitingIn,
} from "../../artifacts/publish-guard.js";

const listed = (version: number, content: number, complete?: boolean): ListedVersion => ({
  version: BigInt(version),
  uri: `here/${version}`,
  files: [{ at: `${version}/a`, path: "a", size: content, etag: `"${content}"` }],
  ...(complete !== undefined && { complete }),
});

const look = fc.uniqueArray(
  fc.record({
    version: fc.integer({ min: 1, max: 3 }),
    content: fc.integer({ min: 0, max: 2 }),
    complete: fc.constantFrom(undefined, undefined, true, false),
  }),
  { selector: ({ version }) => version },
);
const history = fc.array(
  look.map((versions) => versions.map((each) => listed(each.version, each.content, each.complete))),
  { maxLength: 12 },
);
const settle = fc.integer({ min: 1, max: 4 });

const offeredOf = (state: GuardState, version: bigint) => offeredIn(state).find((each) => each.version === version);

describe("whatever looks find, in whatever order", () => {
  const walk = (
    check: (at: number, seen: readonly (readonly ListedVersion[])[], states: GuardState[], n: number) => void,
  ) =>
    fc.assert(
      fc.property(history, settle, (looks, n) => {
        const states: GuardState[] = [new Map()];
        for (const [at, seen] of looks.entries()) {
          states.push(guard(states.at(-1) ?? new Map(), seen, n));
          check(at, looks, states, n);
        }
      }),
      { numRuns: 1000 },
    );

  test("what is offered anew was said to be complete, or stood still for as many looks", () => {
    walk((at, looks, states, n) => {
      for (const offer of offeredIn(states[at + 1] as GuardState)) {
        const before = offeredOf(states[at] as GuardState, offer.version);
        if (before && markOf(before) === markOf(offer)) continue;
        const now = looks[at]?.find((each) => each.version === offer.version);
        expect(now && markOf(now)).toBe(markOf(offer));
        expect(now?.complete).not.toBe(false);
        const still = looks.slice(Math.max(0, at - n + 1), at + 1).map((seen) => {
          const then = seen.find((each) => each.version === offer.version);
          return then && markOf(then);
        });
        const stood = still.length === n && still.every((mark) => mark === markOf(offer));
        expect(stood || (now?.complete === true && before === undefined)).toBe(true);
      }
    });
  });

  test("what is there and was offered stays offered; what is gone is not offered", () => {
    walk((at, looks, states) => {
      const there = new Set(looks[at]?.map((each) => each.version));
      const before = offeredIn(states[at] as GuardState).map((each) => each.version);
      const now = new Set(offeredIn(states[at + 1] as GuardState).map((each) => each.version));
      for (const version of before) expect(now.has(version)).toBe(there.has(version));
      for (const version of now) expect(there.has(version)).toBe(true);
    });
  });

  test("what stands still is offered in the end, as it is", () => {
    fc.assert(
      fc.property(history, look, settle, (looks, versions, n) => {
        const last = versions.map(({ version, content }) => listed(version, content));
        let state = looks.reduce((before, seen) => guard(before, seen, n), new Map() as GuardState);
        for (let i = 0; i < n; i++) state = guard(state, last, n);
        expect(offeredIn(state).map(markOf)).toEqual(last.map(markOf));
        expect(waitingIn(state)).toEqual([]);
        expect(settledIn(state).length).toBe(last.length);
      }),
    );
  });

  test("each version found is either settled or waited for", () => {
    walk((at, looks, states) => {
      const state = states[at + 1] as GuardState;
      const named = [...settledIn(state), ...waitingIn(state)].map((each) => each.version);
      expect(named.sort()).toEqual(looks[at]?.map((each) => each.version).sort());
    });
  });
});

test("files that change under a marker are not offered before they stand still", () => {
  let state = guard(new Map(), [listed(1, 1, true)], 2);
  expect(offeredIn(state).map(markOf)).toEqual([markOf(listed(1, 1))]);
  state = guard(state, [listed(1, 2, true)], 2);
  expect(offeredIn(state).map(markOf)).toEqual([markOf(listed(1, 1))]);
  expect(waitingIn(state)).toEqual([{ version: 1n, changed: true, complete: true }]);
  state = guard(state, [listed(1, 2, true)], 2);
  expect(offeredIn(state).map(markOf)).toEqual([markOf(listed(1, 2))]);
});

test("what an earlier process offered is offered at the first look that finds it alike", () => {
  const state = resumed([listed(1, 1), listed(2, 1), listed(3, 1)], new Set([1n, 2n]), 2);
  expect(offeredIn(state).map((each) => each.version)).toEqual([1n, 2n]);
  const next = guard(state, [listed(1, 1), listed(2, 2), listed(3, 1), listed(4, 1)], 2);
  expect(offerKey(next)).toBe(offerKey(resumed([listed(1, 1), listed(2, 1), listed(3, 1)], new Set([1n, 2n, 3n]), 2)));
  expect(waitingIn(next).map((each) => [each.version, each.changed])).toEqual([
    [2n, true],
    [4n, false],
  ]);
});

test("any other name, place, size or sum is another mark; another order of files is not", () => {
  const base = { at: "k", path: "p", size: 1, etag: "e", sha256: "s" };
  const version = (...files: object[]) => markOf({ version: 1n, uri: "u", files: files as ListedVersion["files"] });
  const marks = [
    version(base),
    ...Object.keys(base).map((key) => version({ ...base, [key]: key === "size" ? 2 : "other" })),
    version({ ...base, archive: "zip" }),
    version(base, base),
    version(),
  ];
  expect(new Set(marks).size).toBe(marks.length);
  const other = { ...base, path: "q" };
  expect(version(base, other)).toBe(version(other, base));
  expect(markOf({ version: 1n, uri: "u", files: [], refused: "r" })).not.toBe(version());
});
