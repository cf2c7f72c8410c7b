import { checkFactory } from "salver/testing";
import { describe, expect, test } from "vitest";
import { isPlugin, type Plugin } from "../../core/index.js";
import { pluginOf } from "./arrows.js";
import { filesIn, importsOf, read, root } from "./tree.js";

const paths = (await filesIn("plugins")).filter((path) => path.split("/").length > 3);
const folders = [...new Set(paths.map(pluginOf))].sort();
const isRuntime = (folder: string) => folder.startsWith("plugins/runtimes/");

describe.each(folders)("%s", (folder) => {
  // A runtime is a library for servables: it has options where it can be set, and provides no factory.
  const owed = isRuntime(folder) ? ["index.ts", "README.md"] : ["index.ts", "options.ts", "README.md"];

  test(`has ${owed.join(", ")}`, () => {
    const missing = owed.filter((name) => !paths.includes(`${folder}/${name}`));
    expect(missing).toEqual([]);
  });

  if (isRuntime(folder)) return;

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
