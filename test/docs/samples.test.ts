import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createServer, loadConfig, prepareConfig, type Server, strings, type Tensors, texts } from "salver";
import { builtins } from "salver/plugins";
import { fakeHost } from "salver/testing";
import ts from "typescript";
import { afterAll, describe, expect, onTestFinished, test, vi } from "vitest";
import { folderWith, root, samplesOf } from "./samples.js";

const readme = await samplesOf("README.md");
const contributing = await samplesOf("CONTRIBUTING.md");
const folder = await folderWith(new Map([...readme, ...contributing]));
afterAll(() => folder[Symbol.asyncDispose]());

const files = {
  "words/1/about.txt": "no data\n",
  "words/2/greeting.txt": "Hello\n",
  "prices/tuesday/table.tsv": "tea\t2.5\nmilk\t1\n",
  "prices/broken/table.tsv": "tea\t2.5\nmilk\n",
};
for (const [name, text] of Object.entries(files)) {
  await mkdir(join(folder.path, name, ".."), { recursive: true });
  await writeFile(join(folder.path, name), text);
}

/** A server by the config with this text, in the folder of the samples. */
async function serving(text: string): Promise<Server> {
  const file = join(folder.path, "tried.config.yaml");
  await writeFile(file, `${text}\ntransports: []\n`);
  const server = await createServer(await loadConfig(file), { plugins: builtins });
  onTestFinished(() => server.stop());
  await server.start();
  await server.settled;
  return server;
}

async function ask(server: Server, name: string, inputs: Tensors): Promise<Tensors> {
  using lease = server.frontend.lease({ name });
  return await lease.predict("serving_default", inputs, { signal: new AbortController().signal });
}

const sample = (of: ReadonlyMap<string, string>, name: string): string => {
  const code = of.get(name);
  if (code === undefined) throw new Error(`no code block names ${name}`);
  return code;
};

test("the samples compile under the project's own settings", () => {
  const { config } = ts.readConfigFile(join(root, "tsconfig.test.json"), ts.sys.readFile);
  const { options } = ts.parseJsonConfigFileContent({ ...config, include: [], files: [] }, ts.sys, root);
  const paths = [...readme.keys(), ...contributing.keys()].filter((name) => name.endsWith(".ts"));
  expect(paths.length).toBeGreaterThan(3);
  const program = ts.createProgram(
    paths.map((name) => join(folder.path, name)),
    { ...options, rootDir: undefined, typeRoots: [join(root, "node_modules/@types")] },
  );
  const own = ts.getPreEmitDiagnostics(program).filter(({ file }) => !file || file.fileName.startsWith(folder.path));
  const said = own.map((each) => `${each.file?.fileName}: ${ts.flattenDiagnosticMessageText(each.messageText, "\n")}`);
  expect(said).toEqual([]);
}, 120_000);

describe("README.md", () => {
  test("a servable of one's own", async () => {
    sample(readme, "palindrome.ts");
    const server = await serving(
      "plugins: [./palindrome.ts]\nmodels: { words: { path: ./words, servable: palindrome } }",
    );
    const { palindrome } = await ask(server, "words", { text: strings(["level", "salver"]) });
    expect(palindrome).toMatchObject({ dtype: "bool", shape: [2], data: Uint8Array.of(1, 0) });
  });

  test("the whole config says every default", async () => {
    const written = await loadConfig(await put("whole.yaml", sample(readme, "whole.config.yaml")));
    const { models: _, ...said } = written.raw as Record<string, unknown>;
    const { configSchema } = await import("../../core/config/schema.js");
    const defaults = configSchema.parse({ models: {} });
    expect(configSchema.parse({ models: {}, ...said })).toEqual({
      ...defaults,
      // A type alone is short for { type }.
      transports: defaults.transports.map((each) => (typeof each === "string" ? each : each.type)),
      loading: { ...defaults.loading, memory: 8 * 2 ** 30 },
      cache: { quota: 50 * 2 ** 30 },
      log: { level: "info", format: "json" },
    });
    expect(Object.keys(said).sort()).toEqual(
      Object.keys(configSchema.shape)
        .filter((key) => key !== "models")
        .sort(),
    );
  });

  test("models in S3 or behind HTTP", async () => {
    const file = await put("remote.yaml", sample(readme, "remote.config.yaml"));
    const { config, check } = await prepareConfig(await loadConfig(file), builtins);
    expect(config.models.map(({ name, source }) => [name, source.factory.type])).toEqual([
      ["ctr", "s3"],
      ["ranker", "http"],
    ]);
    expect(config.cache).toEqual({ path: "/var/cache/salver", quota: 50 * 2 ** 30 });
    await check((id) => fakeHost({ id, baseDir: folder.path }));
  });

  test("use from code", async () => {
    const log = vi.spyOn(console, "log").mockImplementation(() => {});
    onTestFinished(() => log.mockRestore());
    sample(readme, "ask.mjs");
    await import(/* @vite-ignore */ join(folder.path, "ask.mjs"));
    expect(log.mock.calls).toEqual([[Float32Array.of(2.5, 3, 4.5)]]);
  });
});

describe("CONTRIBUTING.md", () => {
  test("a servable that is one function, with a file of its own", async () => {
    sample(contributing, "greeting.ts");
    const server = await serving("plugins: [./greeting.ts]\nmodels: { words: { path: ./words, servable: greeting } }");
    const { text } = await ask(server, "words", { name: strings(["Ann"]) });
    expect(texts(text!)).toEqual(["Hello Ann (2)"]);
  });

  test("a servable that loads a file, found by its files and offered by the source", async () => {
    const server = await serving(sample(contributing, "salver.config.yaml"));
    const { value } = await ask(server, "prices", { key: strings(["milk", "tea"]) });
    expect(value).toMatchObject({ dtype: "float32", shape: [2], data: Float32Array.of(1, 2.5) });
    expect(server.versions().map(({ version, type }) => [version, type])).toEqual([[7n, "lookup"]]);
    await expect(ask(server, "prices", { key: strings(["salt"]) })).rejects.toMatchObject({
      code: "INVALID_ARGUMENT",
      message: 'the table has no key "salt"',
    });
  });

  test("its options, and what its status says of a broken and of a missing file", async () => {
    const server = await serving(
      [
        "plugins: [./lookup.ts, ./fixed.ts]",
        "models:",
        "  prices: { servable: { type: lookup, unknown: 9 }, versions: all,",
        "    source: { type: fixed, paths: { 1: ./prices/tuesday, 2: ./prices/broken, 3: ./words/1 } } }",
      ].join("\n"),
    );
    const { value } = await ask(server, "prices", { key: strings(["salt"]) });
    expect(value?.data).toEqual(Float32Array.of(9));
    const states = server.frontend
      .status({ name: "prices" })
      .map(({ version, code, message }) => ({ version, code, message }));
    expect(states).toEqual([
      { version: 3n, code: "FAILED_PRECONDITION", message: "table.tsv is not there, or cannot be read" },
      {
        version: 2n,
        code: "FAILED_PRECONDITION",
        message: 'table.tsv, line 2: expected a key, a tab and a number, got "milk"',
      },
      { version: 1n, code: "OK", message: "" },
    ]);
  });
});

// Registers the tests that the samples themselves have.
for (const name of ["lookup.test.ts", "turns.test.ts"]) {
  sample(contributing, name);
  await import(/* @vite-ignore */ join(folder.path, name));
}

async function put(name: string, text: string): Promise<string> {
  const file = join(folder.path, name);
  await writeFile(file, text);
  return file;
}
