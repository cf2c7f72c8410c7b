import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";

const root = new URL("../../", import.meta.url);
const read = (path: string) => readFile(new URL(path, root), "utf8");
const optionsIn = (line: string) => line.split(" ").filter((word) => /^--(max-semi|initial-old)/.test(word));
const firstLine = async (path: string) => (await read(path)).split("\n", 1)[0] ?? "";

test("however the server is started, Node has the same heap", async () => {
  const wanted = optionsIn(await firstLine("cli/bin/salver.cjs"));
  expect(wanted).toHaveLength(2);
  expect(optionsIn(await firstLine("cli/bin/tensorflow_model_server.cjs"))).toEqual(wanted);
  expect(optionsIn(JSON.parse(await read("package.json")).scripts.start)).toEqual(wanted);
  expect(optionsIn((await read("README.md")).replaceAll(/[`\n]/g, " "))).toEqual(wanted);
});
