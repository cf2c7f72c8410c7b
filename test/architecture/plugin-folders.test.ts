import { checkFactory } from "salver/testing";
import { describe, expect, test } from "vitest";
import { isPlugin, type Plugin } from "../../core/index.js";
import { pluginOf } from "./arrows.js";
import { filesIn, importsOf, read, root } from "./tree.js";

const paths = (await filesIn("plugins")).filter((path) => path.split("/").length > 3);
const folders = [...new Set(paths.map(pluginOf))].sort();
const isRuntime = (folder: string) => folder.startsWith("plugins/runtimes/");
const isProvider = (folder: string) => /^plugins\/(telemetry|caches)\//.test(folder);

describe.each(folders)("%s", (folder) => {
  // A runtime is a library for servables: it has options where it can be set, and provides no factory. Telemetry
  // and caches provide components for the container, which have no options of their own.
  const owed =
    isRuntime(folder) || isProvider(folder) ? ["index.ts", "README.md"] : ["index.ts", "options.ts", "README.md"];

  test(`has ${owed.join(", ")}`, () => {
    const missing = owed.filter((name) => !paths.includes(`${folder}/${name}`));
    expect(missing).toEqual([]);
  });

  if (isRuntime(folder)) return;

  if (isProvider(folder)) {
    test("has an index that provides components, and imports no package where it is loaded", async () => {
      const own = paths.filter((path) => path.startsWith(folder) && path.endsWith(".ts"));
      const eager = async (path: string) => [...(await read(path)).matchAll(/^import (?!type).*from "([^.].*)";$/gm)];
      const packages = (await Promise.all(own.map(eager))).flat().map((match) => match[1] ?? "");
      expect(packages.filter((name) => !name.startsWith("node:"))).toEqual([]);

      const loaded: { default: unknown } = await import(/* @vite-ignore */ `${root}${folder}/index.ts`);
      expect(isPlugin(loaded.default)).toBe(true);
      expect((loaded.default as Plugin).providers).not.toEqual([]);
    });
    return;
  }

  test("has an index that is cheap to import and provides complete factories", async () => {
    const index = `${folder}/index.ts`;
    const text = await read(index);
    const eager = [...text.matchAll(/^import (?!type).*from "(.+)";$/gm)].map((match) => match[1] ?? "");
    const resolved = importsOf(index, eager.map((each) => `import "${each}";`).join("\n")).map((each) => each.to);
    const cheap = new Set(["core/index.ts", `${folder}/options.ts`]);
    expect(resolved.filter((to) => !cheap.has(to))).toEqual([]);

    const loaded: { default: unknown } = await import(/* @vite-ignore */ `${root}${index}`);
    expect(isPlugin(loaded.default)).toBe(true);
    const { factories } = loaded.default as Plugin;
    expect(factories.length).toBeGreaterThan(0);
    for (const factory of factories) await checkFactory(factory);
  });
});
