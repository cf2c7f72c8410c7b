import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { StoredObject } from "../../../../plugins/sources/s3/bucket.js";
import { keyOf, keyPrefix, versionFiles, versionFolders } from "../../../../plugins/sources/s3/keys.js";

const object = (key: string, size = 1): StoredObject => ({ key, size, etag: '"e"' });
const objects = (...paths: string[]) => paths.map((path) => object(`m/3/${path}`));
const pathsOf = (stored: readonly StoredObject[], marker?: string) =>
  versionFiles("m/3/", stored, marker).files.map(({ path }) => path);

test("a prefix ends with a slash, or is none", () => {
  expect(["", "ctr", "ctr/", "a/b"].map((prefix) => keyPrefix({ prefix }))).toEqual(["", "ctr/", "ctr/", "a/b/"]);
});

test("numeric names are versions; of two for one number the last in sort order is taken", () => {
  const folders = ["m/3/", "m/003/", "m/-1/", "m/9223372036854775808/", "m/v4/", "m/4.5/", "m//", "m/12/"];
  expect([...versionFolders("m/", folders)]).toEqual([
    [-1n, "m/-1/"],
    [3n, "m/3/"],
    [12n, "m/12/"],
  ]);
});

describe("objects are files", () => {
  test("but for the marker, and what consoles make for folders", () => {
    const stored = [
      object("m/3/", 0),
      object("m/3/variables/", 0),
      ...objects("a", "variables/b", "_SUCCESS", "x/_SUCCESS"),
    ];
    expect(versionFiles("m/3/", stored, "_SUCCESS")).toMatchObject({ refused: undefined, marked: true });
    expect(pathsOf(stored, "_SUCCESS")).toEqual(["a", "variables/b", "x/_SUCCESS"]);
    expect(pathsOf(stored)).toEqual(["a", "variables/b", "_SUCCESS", "x/_SUCCESS"]);
    expect(versionFiles("m/3/", objects("a", "x/_SUCCESS"), "_SUCCESS").marked).toBe(false);
  });

  test.each<[string, string[], RegExp]>([
    ["leads out", ["../secret"], /the key "\.\.\/secret" in it leads out/],
    ["leads out further below", ["a/../../secret"], /leads out/],
    ["is absolute", ["/etc/passwd"], /absolute/],
    ["has an empty segment", ["a//b"], /empty name/],
    ["has a dot segment", ["./a"], /"\." in its path/],
    ["has a NUL", ["a\0.txt"], /NUL/],
    ["has a line break", ["a\nb"], /control/],
    ["has a backslash", ["..\\a"], /backslash/],
    ["has a drive", ["C:/a"], /drive/],
    ["looks like dots", ["\uff0e\uff0e/a"], /look like a path's own/],
    ["has half of a pair", ["a\ud800"], /invisible/],
    ["is a folder with bytes in it", ["variables/"], /empty name/],
    ["is a file and a folder", ["a", "a/b"], /file and a folder/],
    ["differs by case", ["Model.bin", "model.bin"], /once more, written differently/],
    ["differs by composition", ["\u00e9", "e\u0301"], /once more, written differently/],
    ["is too long", ["x".repeat(300)], /longer than/],
  ])("a key that %s is refused", (_, paths, reason) => {
    expect(versionFiles("m/3/", objects("fine", ...paths), undefined).refused).toMatch(reason);
  });

  test("too many are refused", () => {
    const many = Array.from({ length: 100_001 }, (_, i) => object(`m/3/${i}`));
    expect(versionFiles("m/3/", many, undefined).refused).toBe("it has more than 100000 objects");
  });

  test("whatever the keys, what is not refused stays inside its folder", () => {
    const piece = fc.constantFrom("..", ".", "", "a", "b", "\\", "\0", "C:", "/", "é", "．．", " ", "~");
    fc.assert(
      fc.property(
        fc.array(
          fc.array(piece, { maxLength: 5 }).map((all) => all.join("/")),
          { maxLength: 4 },
        ),
        (paths) => {
          const { files, refused } = versionFiles("m/3/", objects(...paths), undefined);
          if (refused !== undefined) return;
          for (const { path } of files) {
            const url = new URL(`file:///inside/${path.split("/").map(encodeURIComponent).join("/")}`);
            expect(decodeURIComponent(url.pathname)).toBe(`/inside/${path}`);
          }
        },
      ),
      { numRuns: 500 },
    );
  });
});

test.each([
  ["ctr-3.tar.gz", "models/ctr/ctr-3.tar.gz"],
  ["3/a%20b.bin", "models/ctr/3/a b.bin"],
  ["a+b", "models/ctr/a+b"],
  ["../common/3.zip", "models/common/3.zip"],
  ["/3.zip", "3.zip"],
  ["s3://bucket/other/3.zip", "other/3.zip"],
  ["s3://other/3.zip", undefined],
  ["https://example.com/3.zip", undefined],
  ["../../../../3.zip", "3.zip"],
  ["3.zip?versionId=1", undefined],
  ["3.zip#a", undefined],
  ["%zz", undefined],
])("the URL %s in a manifest is the key %s", (url, key) => {
  expect(keyOf(url, "bucket", "models/ctr/versions.json")).toBe(key);
});
