import { expect, test } from "vitest";
import { read, sourcesIn } from "./tree.js";

const cap = 300;
/** Longer files, each with the reason why it is one concept all the same. */
const longer: Readonly<Record<string, string>> = {
  "plugins/servables/savedmodel/graph/op-defs/standard.ts": "a table, one operator a line, that a script writes",
};

const lines = (text: string) => text.trimEnd().split("\n").length;

async function sizes() {
  const paths = (await sourcesIn("core", "plugins", "protos", "formats", "artifacts", "cli")).filter(
    (path) => !path.startsWith("protos/gen/"),
  );
  return Promise.all(paths.map(async (path) => ({ path, lines: lines(await read(path)) })));
}

test(`no file is above ${cap} lines but those with a reason`, async () => {
  const above = (await sizes()).filter((each) => each.lines > cap).map((each) => each.path);
  expect(above).toEqual(Object.keys(longer).sort());
});

test("half of the files are short", async () => {
  const sorted = (await sizes()).map((each) => each.lines).sort((a, b) => a - b);
  expect(sorted[Math.floor(sorted.length / 2)]).toBeLessThanOrEqual(80);
});
