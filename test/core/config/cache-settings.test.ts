import { homedir } from "node:os";
import { join, resolve } from "node:path";
import { expect, test } from "vitest";
import { cacheSettings } from "../../../core/config/cache-settings.js";

test("the cache is in the user's cache folder, unless the config says where", () => {
  const base = resolve("/etc/salver");
  expect(cacheSettings({}, base, {}).path).toBe(join(homedir(), ".cache", "salver", "artifacts"));
  expect(cacheSettings({}, base, { XDG_CACHE_HOME: "/x" }).path).toBe(join("/x", "salver", "artifacts"));
  expect(cacheSettings({ path: "cache", quota: 5 }, base, {})).toEqual({ path: join(base, "cache"), quota: 5 });
  expect(cacheSettings({ path: "/var/cache/salver" }, base, {}).path).toBe(resolve("/var/cache/salver"));
});
