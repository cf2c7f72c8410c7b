import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createServer, loadConfig, type Server } from "salver";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import availability from "../../../plugins/policies/availability-preserving/index.js";
import { fakePlugin } from "../../support/core-fakes.js";

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "salver-config-"));
});
afterEach(() => rm(dir, { recursive: true }));

async function serverOf(text: string, name = "salver.config.yaml"): Promise<Server> {
  await writeFile(join(dir, name), text);
  return createServer(await loadConfig(dir), { plugins: [fakePlugin().plugin, availability] });
}

/** What a mistaken config is told, without the folder it is in. */
async function complaint(text: string, name?: string): Promise<string> {
  const error = await serverOf(text, name).then(
    () => new Error("the config was accepted"),
    (error: Error) => error,
  );
  return error.message.replaceAll(`${dir}/`, "");
}

const good = "models:\n  a: { source: scripted, servable: fake }\ntransports: []\n";

describe("a config file", () => {
  test("is found in a folder, in each format", async () => {
    await expect(serverOf(good)).resolves.toBeDefined();
    await rm(join(dir, "salver.config.yaml"));
    const json = '{ "models": { "a": { "source": "scripted", "servable": "fake" } }, "transports": [] }';
    await expect(serverOf(json, "salver.config.json")).resolves.toBeDefined();
    await rm(join(dir, "salver.config.json"));
    await expect(serverOf(`{ "name": "x", "salver": ${json} }`, "package.json")).resolves.toBeDefined();
    await rm(join(dir, "package.json"));
    const typescript = `import { defineConfig } from "salver";\nexport default defineConfig(${json});`;
    await expect(serverOf(typescript, "salver.config.ts")).resolves.toBeDefined();
  });

  test("that is not there", async () => {
    await expect(loadConfig(dir)).rejects.toThrow(/found no config here; looked for salver.config.yaml/);
    await expect(loadConfig(join(dir, "none.yaml"))).rejects.toThrow(/none.yaml: there is no such file or folder/);
  });
});

describe("one clear error each:", () => {
  const cases: readonly (readonly [name: string, text: string, expected: string | RegExp])[] = [
    [
      "a bucket as a path",
      "models:\n  a: { path: 's3://models/ctr' }\ntransports: []\n",
      "salver.config.yaml:2:14 models.a.path: s3://models/ctr is no folder of this machine; a config has models of a bucket by source: { type: s3, bucket: models, prefix: ctr/ }",
    ],
    [
      "a web server as the path of a folder",
      "models:\n  a: { source: { type: filesystem, path: 'https://me:word@h.example/ctr/' } }\ntransports: []\n",
      'salver.config.yaml:2:42 models.a.source.path: https://h.example/ctr/ is no folder of this machine; a config has models of a web server by source: { type: http, url: "https://h.example/ctr/" }',
    ],
    ["empty file", "", /salver.config.yaml: a config is an object/],
    ["no models", "transports: []", /salver.config.yaml:1:1 models: missing: /],
    [
      "unknown key at the top",
      `modles: {}\n${good}`,
      'salver.config.yaml:1:1 modles: unknown key (did you mean "models"?)',
    ],
    [
      "unknown key of a model",
      good.replace("servable: fake", "servable: fake, lables: {}"),
      'salver.config.yaml:2:42 models.a.lables: unknown key (did you mean "labels"?)',
    ],
    [
      "unknown option of a component",
      good.replace("servable: fake", "servable: { type: fake, siez: 3 }"),
      'salver.config.yaml:2:50 models.a.servable.siez: unknown key (did you mean "size"?)',
    ],
    [
      "wrong type of an option",
      good.replace("servable: fake", "servable: { type: fake, size: big }"),
      'salver.config.yaml:2:56 models.a.servable.size: expected number, got "big"',
    ],
    [
      "wrong versions",
      good.replace("servable: fake", "servable: fake, versions: newest"),
      'salver.config.yaml:2:52 models.a.versions: expected "latest", { latest: n }, "all" or a list of version numbers, got "newest"',
    ],
    [
      "wrong time",
      `${good}loading: { retryInterval: 3 }\n`,
      'salver.config.yaml:4:27 loading.retryInterval: expected a time such as "200us", "2ms", "30s", "5m" or "1h", got 3',
    ],
    [
      "unknown component",
      good.replace("servable: fake", "servable: fkae"),
      'salver.config.yaml:2:36 models.a.servable: no servable "fkae" is installed (did you mean "fake"?)',
    ],
    [
      "a kind of component that no plugin brings",
      good.replace("servable: fake", "servable: fake, batching: { size: 3 }"),
      /models.a.batching.type: no batcher "shared" is installed: no plugin brings one/,
    ],
    [
      "two models of one name",
      "models:\n  a: { source: scripted }\n  a: { source: scripted }\n",
      "salver.config.yaml:3:3: Map keys must be unique",
    ],
    ["neither path nor source", "models:\n  a: {}\ntransports: []\n", /2:3 models.a: missing: where its versions are/],
    [
      "both path and source",
      good.replace("servable: fake", "path: ./x"),
      /models.a.source: give either "path" or "source", not both/,
    ],
    ["bad name of a model", good.replace("a:", '"a/b":'), /models.a\/b: a model's name must not be empty/],
    ["broken YAML", "models: [", /salver.config.yaml:1:10: /],
    [
      "a plugin that is not there",
      `plugins: [./gone.ts]\n${good}`,
      /1:11 plugins\[0\]: cannot load the plugin: .*gone.ts/,
    ],
  ];
  test.each(cases)("%s", async (_name, text, expected) => {
    const said = await complaint(text);
    if (typeof expected === "string") expect(said).toBe(expected);
    else expect(said).toMatch(expected);
    expect(said.split("\n")).toHaveLength(1);
  });

  test("a module that exports no plugin", async () => {
    await writeFile(join(dir, "no-plugin.ts"), "export default 3;");
    expect(await complaint(`plugins: [./no-plugin.ts]\n${good}`)).toMatch(
      /default export of .\/no-plugin.ts is not a plugin/,
    );
  });

  test.each([
    ["a syntax error", "export default {;", /ParseError: Unexpected token.* \(\.\/own\.ts:1:\d+\)$/],
    ["a throw", '\nthrow new Error("boom");', /cannot load the plugin: boom \(\.\/own\.ts:2:\d+\)$/],
    [
      "a servable with an unknown type of tensor",
      'import { defineServable } from "salver";\nexport default defineServable({ type: "t", inputs: { x: { dtype: "flaot32", shape: [-1] } }, outputs: {}, run: () => ({}) });',
      /defineServable of "t": inputs\.x\.dtype is "flaot32" \(did you mean "float32"\?\) \(\.\/own\.ts:2:\d+\)$/,
    ],
  ])("a plugin with %s: its own words and its place", async (_name, code, message) => {
    await writeFile(join(dir, "own.ts"), code);
    expect(await complaint(`plugins: [./own.ts]\n${good}`)).toMatch(message);
  });

  test("a plugin that brings what there is already", async () => {
    const code = `import { defineServable } from "salver";
export default defineServable({ type: "fake", inputs: {}, outputs: {}, run: () => ({}) });`;
    await writeFile(join(dir, "own.ts"), code);
    expect(await complaint(`plugins: [./own.ts]\n${good}`)).toMatch(
      /1:10 plugins: the plugins fake and fake both bring a servable "fake"/,
    );
  });

  test("several mistakes come together, each with its place", async () => {
    const said = await complaint(
      "models:\n  a: { source: scriptd }\n  b: { source: scripted, policy: none }\ntransports: []\n",
    );
    expect(said.split("\n")).toEqual([
      expect.stringContaining('2:16 models.a.source: no source "scriptd"'),
      expect.stringContaining('3:34 models.b.policy: no policy "none"'),
    ]);
  });
});

test("a module loaded by path gets this very copy of salver", async () => {
  const { tensor } = await import("salver");
  await writeFile(join(dir, "same.ts"), 'import * as s from "salver";\nexport default { tensor: s.tensor };');
  const { importModule } = await import("../../../core/config/import-module.js");
  const module = (await importModule(join(dir, "same.ts"))) as { tensor: unknown };
  expect(module.tensor).toBe(tensor);
});
