import { homedir } from "node:os";
import { join, resolve } from "node:path";
import type { CacheSettings } from "../artifact-cache.js";
import type { ParsedConfig } from "./schema.js";

/** Where the user's programs keep what they can get again. */
export function userCache(env: NodeJS.ProcessEnv): string {
  return env.XDG_CACHE_HOME || join(homedir(), ".cache");
}

/** @param baseDir the config file's folder */
export function cacheSettings(
  { path, quota }: ParsedConfig["cache"],
  baseDir: string,
  env: NodeJS.ProcessEnv = process.env,
): CacheSettings {
  return { path: path === undefined ? join(userCache(env), "salver", "artifacts") : resolve(baseDir, path), quota };
}
