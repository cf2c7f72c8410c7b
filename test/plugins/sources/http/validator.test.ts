import { describe, expect, test } from "vitest";
import { rangeHeaders, readContentRange, validatorOf } from "../../../../plugins/sources/http/validator.js";

const answer = (headers: Record<string, string>) => ({ header: (name: string) => headers[name] });

test("the ETag marks a file, or else the time of its last change", () => {
  expect(validatorOf(answer({ etag: '"a"', "last-modified": "then" }))).toBe('"a"');
  expect(validatorOf(answer({ "last-modified": "then" }))).toBe("then");
  expect(validatorOf(answer({}))).toBeUndefined();
});

test("the rest is asked for only of a file that can be told from others", () => {
  expect(rangeHeaders(0, '"a"')).toEqual({});
  expect(rangeHeaders(5, '"a"')).toEqual({ range: "bytes=5-", "if-range": '"a"' });
  expect(rangeHeaders(5, "Mon, 23 Nov 2026 10:20:00 GMT")).toMatchObject({
    "if-range": "Mon, 23 Nov 2026 10:20:00 GMT",
  });
  // Who checks a sum can ask for the rest of anything.
  expect(rangeHeaders(5, undefined)).toEqual({ range: "bytes=5-" });
  expect(rangeHeaders(5, 'W/"a"')).toEqual({});
});

describe("Content-Range", () => {
  test("says where a part begins, and perhaps how long the whole is", () => {
    expect(readContentRange("bytes 100-199/200")).toEqual({ start: 100, size: 200 });
    expect(readContentRange("bytes 0-0/*")).toEqual({ start: 0 });
  });

  test.each([undefined, "", "bytes */200", "bytes 1-2", "items 1-2/3", "bytes -1-2/3", "bytes 1-2/3, 4-5/6"])(
    "not so: %s",
    (text) => {
      expect(readContentRange(text)).toBeUndefined();
    },
  );
});
