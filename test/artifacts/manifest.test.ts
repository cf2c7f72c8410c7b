import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseManifest } from "../../artifacts/manifest.js";

const parse = (value: unknown) => parseManifest(JSON.stringify(value), "https://h/versions.json");
const sum = "0123456789abcdef".repeat(4);

test("an archive, a single file, and a version of files", () => {
  const versions = parse({
    versions: [
      { version: "3", url: "ctr-3.tar.gz", size: 12345, sha256: sum.toUpperCase() },
      { version: 4, url: "https://cdn/x/ctr%204.ZIP?token=a.tar" },
      { version: "005", url: "model.onnx?x=1" },
      { version: "9223372036854775807", files: [{ path: "variables/index", url: "6/v", size: 0, sha256: sum }] },
    ],
  });
  expect(versions).toEqual([
    { version: 3n, files: [{ path: "", url: "ctr-3.tar.gz", size: 12345, sha256: sum, archive: "tar.gz" }] },
    { version: 4n, files: [{ path: "", url: "https://cdn/x/ctr%204.ZIP?token=a.tar", archive: "zip" }] },
    { version: 5n, files: [{ path: "model.onnx", url: "model.onnx?x=1" }] },
    { version: 2n ** 63n - 1n, files: [{ path: "variables/index", url: "6/v", size: 0, sha256: sum }] },
  ]);
});

test("no versions are a list of none", () => {
  expect(parse({ versions: [] })).toEqual([]);
});

const one = (entry: Record<string, unknown>) => ({
  versions: [
    { version: "1", url: "a.zip" },
    { version: "2", ...entry },
  ],
});
const files = (...paths: string[]) => one({ files: paths.map((path) => ({ path, url: "x" })) });

describe("what is wrong is named with its place", () => {
  test.each<[string, unknown, RegExp]>([
    ["no object", [], /https:\/\/h\/versions\.json is no list of versions: it: /],
    ["no versions", {}, /versions: /],
    ["another key", { versions: [], extra: 1 }, /extra/],
    ["another key of an entry", one({ url: "b.zip", sha: sum }), /versions\[1\]: .*sha/],
    ["no URL", one({}), /versions\[1\]: expected either "url" or "files"/],
    ["both", one({ url: "x", files: [{ path: "a", url: "b" }] }), /versions\[1\]: expected either/],
    [
      "a sum of all files",
      one({ sha256: sum, files: [{ path: "a", url: "b" }] }),
      /versions\[1\]: "size" and "sha256"/,
    ],
    ["no files", one({ files: [] }), /versions\[1\]\.files/],
    ["a sum that is none", one({ url: "x", sha256: "abc" }), /versions\[1\]\.sha256: expected 64 hexadecimal/],
    ["a negative size", one({ url: "x", size: -1 }), /versions\[1\]\.size/],
    ["a broken size", one({ url: "x", size: 1.5 }), /versions\[1\]\.size/],
    ["a name for a version", { versions: [{ version: "v2", url: "x" }] }, /versions\[0\]\.version: expected a whole/],
    ["a broken version", { versions: [{ version: 1.5, url: "x" }] }, /versions\[0\]\.version: expected a whole/],
    ["a version too large", { versions: [{ version: "9223372036854775808", url: "x" }] }, /64 bits/],
    [
      "a version twice",
      {
        versions: [
          { version: "2", url: "x" },
          { version: "02", url: "y" },
        ],
      },
      /\[1\]: version 2 comes twice/,
    ],
    ["a path that leads out", files("a", "../b"), /versions\[1\]: the file "\.\.\/b" leads out/],
    ["paths that are one", files("a", "A"), /versions\[1\]: the file "A" has the name/],
    ["a file and a folder", files("a", "a/b"), /versions\[1\]: the file "a\/b" is a file and a folder/],
    ["a URL without a name", one({ url: "https://h/x/" }), /versions\[1\]: the file "" /],
    ["a URL whose name leads out", one({ url: "https://h/%2e%2e" }), /versions\[1\]: the file "\.\." leads/],
    ["a URL that cannot be decoded", one({ url: "https://h/%ff" }), /versions\[1\]: the file "" /],
  ])("%s", (_, value, message) => {
    expect(() => parse(value)).toThrow(message);
    expect(() => parse(value)).toThrow(expect.objectContaining({ code: "INVALID_ARGUMENT" }));
  });

  test("text that is no JSON", () => {
    expect(() => parseManifest("<html>", "there")).toThrow(/there is no JSON/);
  });
});

test("whatever comes is read or refused, and never anything else", () => {
  const entry = fc.record(
    { version: fc.anything(), url: fc.anything(), size: fc.anything(), sha256: fc.anything(), files: fc.anything() },
    { requiredKeys: [] },
  );
  fc.assert(
    fc.property(fc.oneof(fc.jsonValue(), fc.record({ versions: fc.array(entry) })), (value) => {
      try {
        const text = JSON.stringify(value) ?? "";
        for (const { files } of parseManifest(text, "x")) expect(files.length).toBeGreaterThan(0);
      } catch (error) {
        expect(error).toMatchObject({ code: "INVALID_ARGUMENT" });
      }
    }),
  );
});
