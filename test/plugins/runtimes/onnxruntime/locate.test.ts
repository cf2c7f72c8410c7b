import { existsSync } from "node:fs";
import { expect, it } from "vitest";
import { locateLibrary, locatePackage } from "../../../../plugins/runtimes/onnxruntime/locate.js";

it("finds this machine's library", () => {
  expect(existsSync(locateLibrary(locatePackage()))).toBe(true);
});

it.each([
  ["darwin", "arm64", /libonnxruntime\.1\.dylib$/],
  ["linux", "arm64", /libonnxruntime\.so\.1$/],
  ["win32", "arm64", /onnxruntime\.dll$/],
] as const)("knows its name on %s/%s", (platform, arch, name) => {
  expect(locateLibrary(locatePackage(), platform, arch)).toMatch(name);
});

it("says where it looked for one that is not there", () => {
  expect(() => locateLibrary(locatePackage(), "aix", "ppc64")).toThrow(/no library for aix\/ppc64: looked in .*aix/);
});
