import { createRequire } from "node:module";
import { basename, isAbsolute, join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { messageOf } from "../errors.js";
import { isPlugin, type Plugin } from "../plugin.js";
import type { ConfigProblem } from "./config-error.js";
import { importModule } from "./import-module.js";

/** The plugins that a config's `plugins` names: paths of modules, package names, or plugin objects themselves. */
export async function loadPlugins(
  wanted: readonly unknown[],
  baseDir: string,
): Promise<{ readonly plugins: readonly Plugin[]; readonly problems: readonly ConfigProblem[] }> {
  const plugins: Plugin[] = [];
  const problems: ConfigProblem[] = [];
  for (const [i, entry] of wanted.entries()) {
    // Falsy entries let a TypeScript config write `dev && plugin`.
    if (entry === false || entry === null || entry === undefined) continue;
    try {
      plugins.push(await loadPlugin(entry, baseDir));
    } catch (error) {
      problems.push({
        path: ["plugins", i],
        message: `cannot load the plugin: ${firstLine(messageOf(error))}${placeOf(error, entry)}`,
      });
    }
  }
  return { plugins, problems };
}

// Node adds the stack of requires to its message.
const firstLine = (text: string) => text.split("\n", 1)[0];

/** Where in the plugin's file an error came from, as far as its text or its stack says: ` (./own.ts:3:14)`. */
function placeOf(error: unknown, entry: unknown): string {
  if (!(error instanceof Error) || typeof entry !== "string") return "";
  const name = basename(entry).replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  const place = new RegExp(`${name}(:\\d+:\\d+)`).exec(`${error.message}\n${error.stack ?? ""}`)?.[1];
  return place === undefined ? "" : ` (${entry}${place})`;
}

async function loadPlugin(entry: unknown, baseDir: string): Promise<Plugin> {
  if (isPlugin(entry)) return entry;
  if (typeof entry !== "string") throw new Error("expected a path, a package name or what definePlugin returns");
  const isPath = entry.startsWith(".") || isAbsolute(entry);
  const found = isPath ? await importModule(resolve(baseDir, entry)) : await importPackage(entry, baseDir);
  if (isPlugin(found)) return found;
  throw new Error(`the default export of ${entry} is not a plugin (see definePlugin and defineServable)`);
}

async function importPackage(name: string, baseDir: string): Promise<unknown> {
  const path = createRequire(join(baseDir, "package.json")).resolve(name);
  const module = (await import(pathToFileURL(path).href)) as { default?: unknown };
  return module.default;
}
