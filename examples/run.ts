import { readdir } from "node:fs/promises";
import { pathToFileURL } from "node:url";

// npm run example <name>
const here = new URL("./", import.meta.url);
const [name] = process.argv.slice(2);
const folders = (await readdir(here, { withFileTypes: true })).filter((entry) => entry.isDirectory());
const found: string[] = [];
for (const { name } of folders) {
  if ((await readdir(new URL(`${name}/`, here))).includes("run.ts")) found.push(name);
}
if (name === undefined || !found.includes(name)) {
  console.error(
    `usage: npm run example <name>, one of ${found.join(", ")}${name === undefined ? "" : `; got "${name}"`}`,
  );
  process.exit(2);
}
const { run } = (await import(new URL(`${name}/run.ts`, pathToFileURL(here.pathname)).href)) as {
  run: () => Promise<void>;
};
await run();
