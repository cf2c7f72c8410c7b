import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, test } from "vitest";
import {
  DEFAULT_SIGNATURE,
  type LoaderFactory,
  type Servable,
  type ServableFactory,
  tensor,
} from "../../../../core/index.js";
import { checkFactory, describeServable, fakeHost } from "../../../../core/testing/index.js";
import plugin from "../../../../plugins/servables/tfjs/index.js";
import { firstDifference } from "../../../fixtures/compare.js";
import { readGolden } from "../../../fixtures/golden.js";

const factory = plugin.factories[0] as ServableFactory;
const { signal } = new AbortController();
const fixture = (name: string) => fileURLToPath(new URL(`../../../fixtures/tfjs/${name}/1`, import.meta.url));
const golden = (name: string) =>
  readGolden(`tfjs/${name}.json`).cases.map((each) => ({ ...each, signature: DEFAULT_SIGNATURE }));

async function load(path: string, options: object = {}): Promise<Servable> {
  const make = (await factory.create(fakeHost(), factory.options.parse(options))) as LoaderFactory;
  return make({ model: "net", version: 1n, path }).load(signal);
}

const made: string[] = [];
afterAll(() => Promise.all(made.map((path) => rm(path, { recursive: true }))));

/** A copy of a fixture, to be broken. */
async function copyOf(name: string, change: (file: string) => string = (file) => file): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "tfjs-"));
  made.push(folder);
  await cp(fixture(name), folder, { recursive: true });
  const file = join(folder, "model.json");
  await writeFile(file, change(await readFile(file, "utf8")));
  return folder;
}

test("the factory is complete", () => checkFactory(factory));

describeServable({ describe, test }, "tfjs, a graph", {
  open: () => load(fixture("network"), { threads: 2 }),
  cases: golden("network"),
  wrong: [{ signature: DEFAULT_SIGNATURE, inputs: { x: tensor("float32", [1, 3], new Float32Array(3)) } }],
});

describeServable({ describe, test }, "tfjs, layers", {
  open: () => load(fixture("branches")),
  cases: golden("branches"),
  wrong: [
    {
      signature: DEFAULT_SIGNATURE,
      inputs: {
        words: tensor("int32", [2, 5], new Int32Array(10)),
        numbers: tensor("float32", [3, 3], new Float32Array(9)),
      },
    },
  ],
});

describe("answers are those of TensorFlow and Keras", () => {
  test.each(["network", "typed", "loop", "strings", "chain", "branches"])("of %s", async (name) => {
    await using servable = await load(fixture(name));
    for (const { inputs, outputs } of golden(name)) {
      const got = await servable.run({ signature: DEFAULT_SIGNATURE, inputs, signal });
      expect(firstDifference(got, outputs)).toBeUndefined();
    }
  });
});

test("signatures are the file's, whose types TensorFlow.js need not have", async () => {
  await using servable = await load(fixture("typed"));
  const { inputs, outputs } = servable.signatures.serving_default!;
  expect(inputs.counts).toEqual({ dtype: "int64", shape: [-1], name: "counts:0" });
  expect(outputs.doubled?.dtype).toBe("int64");
  expect(outputs.sum?.shape).toEqual([]);
  expect(servable.engine).toMatch(/^tfjs 4\.\d+\.\d+ \(wasm\)$/);
  const [{ inputs: given } = { inputs: {} }] = golden("typed");
  const beyond = { ...given, counts: tensor("int64", [3], BigInt64Array.of(1n, 2n, 2n ** 31n)) };
  await expect(servable.run({ signature: DEFAULT_SIGNATURE, inputs: beyond, signal })).rejects.toMatchObject({
    code: "INVALID_ARGUMENT",
    message: 'input "counts" has the value 2147483648; TensorFlow.js computes int64 in 32 bits',
  });
});

test("the slow backend is taken by its name", async () => {
  await using servable = await load(fixture("network"), { backend: "cpu" });
  expect(servable.engine).toMatch(/\(cpu\)$/);
  const [each] = golden("network");
  const got = await servable.run({ signature: DEFAULT_SIGNATURE, inputs: each!.inputs, signal });
  expect(firstDifference(got, each!.outputs)).toBeUndefined();
});

test("a file without a signature is served by the names of its graph", async () => {
  const path = await copyOf("network", (text) => text.replace('"signature"', '"elsewhere"'));
  await using servable = await load(path);
  const [{ inputs } = { inputs: {} }] = golden("network");
  const { signatures } = servable;
  expect(signatures.serving_default?.inputs.x).toEqual({ dtype: "float32", shape: [-1, 4], name: "x" });
  const names = Object.keys(signatures.serving_default!.outputs);
  const got = await servable.run({ signature: DEFAULT_SIGNATURE, inputs, signal });
  expect(Object.keys(got)).toEqual(names);
});

describe("what cannot be served is refused, with the file at fault", () => {
  const refused = async (path: string, code: string, message: string | RegExp, options: object = {}) => {
    const failure = await load(path, options).catch((error: unknown) => error);
    expect(failure).toMatchObject({ code, message: expect.stringMatching(message) });
  };

  test("a shard that is not there", async () => {
    const path = await copyOf("network");
    await rm(join(path, "group1-shard2of2.bin"));
    await refused(path, "FAILED_PRECONDITION", "the shard group1-shard2of2.bin, which model.json names, is not there");
  });

  test("a shard of another size", async () => {
    const path = await copyOf("network");
    await writeFile(join(path, "group1-shard2of2.bin"), "short");
    const sizes = /shards group1-shard1of2\.bin \(\d+\), group1-shard2of2\.bin \(5\) have \d+ bytes, and .* take \d+/;
    await refused(path, "FAILED_PRECONDITION", sizes);
  });

  test.each([
    [
      "a shard elsewhere",
      "FAILED_PRECONDITION",
      "group1-shard1of2.bin",
      "../group1-shard1of2.bin",
      "not in its folder",
    ],
    ["an unknown operator", "UNIMPLEMENTED", '"op":"Relu"', '"op":"Nonsense"', "does not know: Nonsense"],
    ["a weight of an unknown type", "FAILED_PRECONDITION", '"dtype":"float32"', '"dtype":"float128"', "type float128"],
    ["a type of the signature", "UNIMPLEMENTED", '"dtype":"DT_FLOAT"', '"dtype":"DT_VARIANT"', "of type DT_VARIANT"],
    ["no JSON", "FAILED_PRECONDITION", '"signature"', "signature", "model.json cannot be served: "],
    [
      "no weights",
      "FAILED_PRECONDITION",
      '"weightsManifest"',
      '"weights"',
      "model.json cannot be served: weightsManifest",
    ],
  ])("%s", async (_, code, from, to, message) => {
    await refused(await copyOf("network", (text) => text.replace(from, to)), code, message);
  });

  test("an unknown layer", async () => {
    const path = await copyOf("chain", (text) => text.replaceAll("MaxPooling2D", "Nonsense"));
    await refused(path, "FAILED_PRECONDITION", /model\.json cannot be served: .*Nonsense/s);
  });

  test("an operator that the backend lacks", async () => {
    // The library knows it, and only its other backends have it.
    const path = await copyOf("network", (text) => text.replace('"op":"Relu"', '"op":"Real"'));
    await refused(path, "UNIMPLEMENTED", "the backend wasm has no operator Real");
  });

  test("no model", async () => {
    await refused(tmpdir(), "FAILED_PRECONDITION", "no model.json in");
  });

  test("a backend that is not installed says what to install", async () => {
    await refused(fixture("network"), "FAILED_PRECONDITION", "npm install @tensorflow/tfjs-node-gpu", {
      backend: "node-gpu",
    });
  });
});

test("detection looks into model.json", async () => {
  expect(await factory.detect?.(fixture("network"))).toBe(true);
  expect(await factory.detect?.(join(fixture("chain"), "model.json"))).toBe(true);
  expect(await factory.detect?.(await copyOf("chain", () => '{"model": 1}'))).toBe(false);
  expect(await factory.detect?.(tmpdir())).toBe(false);
});
