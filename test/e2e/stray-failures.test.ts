import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { workFolder, writeConfig } from "./support/config.js";
import { request } from "./support/rest-client.js";
import { type Serving, serve } from "./support/salver.js";

const careless = `import { defineServable, strings, texts } from "salver";
export default defineServable({
  type: "careless",
  inputs: { text: { dtype: "string", shape: [-1] } },
  outputs: { text: { dtype: "string", shape: [-1] } },
  run: ({ text }) => {
    const [word] = texts(text);
    if (word === "reject") void Promise.reject(new Error("a forgotten promise"));
    if (word === "throw") setTimeout(() => { throw new Error("out of a timer"); });
    return { text };
  },
});
`;

async function serving(folder: string): Promise<Serving> {
  await mkdir(join(folder, "m/1"), { recursive: true });
  await writeFile(join(folder, "careless.ts"), careless);
  return serve(
    await writeConfig(folder, "plugins: [./careless.ts]\nmodels:\n  m: { path: ./m, servable: careless }\n"),
  );
}

const ask = (server: Serving, word: string) =>
  request(`${server.rest}/v1/models/m:predict`, JSON.stringify({ instances: [word] }));

test("a promise that a plugin forgot is logged, and the server goes on", async () => {
  await using folder = await workFolder();
  const server = await serving(folder.path);
  expect((await ask(server, "reject")).status).toBe(200);
  expect((await ask(server, "hello")).body).toEqual({ predictions: ["hello"] });
  const { code, stderr } = await server.stop();
  expect(stderr).toMatch(/nobody handled it; the server goes on: a forgotten promise/);
  expect(code).toBe(0);
});

test("an exception out of a plugin's timer is logged, and the server stops in order with 1", async () => {
  await using folder = await workFolder();
  const server = await serving(folder.path);
  await ask(server, "throw");
  const { code, stderr } = await server.ended;
  expect(stderr).toMatch(/thrown where nothing could catch it; stopping: out of a timer/);
  expect(stderr).toMatch(/m 1 is END/);
  expect(code).toBe(1);
});
