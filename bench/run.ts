import { mkdir, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { chart } from "./harness/chart.js";
import { describeMachine } from "./harness/machine.js";
import type { Suite } from "./harness/suite.js";
import { suites } from "./suites.js";

const results = fileURLToPath(new URL("./results/", import.meta.url));

const paces = {
  full: { rounds: 7, milliseconds: 2000 },
  short: { rounds: 3, milliseconds: 700 },
  // Enough to see that a suite runs, and too little for figures.
  smoke: { rounds: 1, milliseconds: 100 },
} as const;
type Length = keyof typeof paces;

async function measure(suite: Suite, length: Length): Promise<void> {
  const machine = describeMachine();
  console.log(`\n${suite.name}: ${suite.question}\n${machine}`);
  const progress = (what: string) => console.log(`  ${what}`);
  const full = length === "full";
  const { markdown, charts, data } = await suite.run({ full, pace: paces[length], progress });
  console.log(`\n${markdown}\n`);
  if (length === "smoke") return;
  const pictures = Object.entries(charts);
  const shown = pictures.map(([name, { title }]) => `\n![${title}](./${name}.svg)\n`).join("");
  const how = `Measured ${full ? "at length (`--full`)" : "in short"} on ${machine}.`;
  await mkdir(results, { recursive: true });
  const page = `# ${suite.name}\n\n${suite.question}\n\n${how}\n\n${markdown}\n${shown}`;
  await writeFile(`${results}${suite.name}.md`, page);
  await writeFile(`${results}${suite.name}.json`, `${JSON.stringify({ machine, full, data }, undefined, 1)}\n`);
  for (const [name, picture] of pictures) await writeFile(`${results}${name}.svg`, chart(picture));
}

const args = process.argv.slice(2);
const names = args.filter((arg) => !arg.startsWith("--"));
const unknown = names.find((name) => !suites.some((suite) => suite.name === name));
if (unknown !== undefined) {
  console.error(`There is no suite ${unknown}; there are: ${suites.map(({ name }) => name).join(", ")}`);
  process.exit(1);
}
for (const suite of suites) {
  const length = args.includes("--full") ? "full" : args.includes("--smoke") ? "smoke" : "short";
  if (names.length === 0 || names.includes(suite.name)) await measure(suite, length);
}
