import { fileURLToPath } from "node:url";
import { describe, expect, it, test } from "vitest";
import {
  DEFAULT_SIGNATURE,
  type Host,
  type LoaderFactory,
  type ServableFactory,
  tensor,
} from "../../../../core/index.js";
import { checkFactory, describeServable, fakeHost, recordingLogger } from "../../../../core/testing/index.js";
import plugin from "../../../../plugins/servables/onnx/index.js";
import { firstDifference } from "../../../fixtures/compare.js";
import { readGolden } from "../../../fixtures/golden.js";

const file = (path: string) => fileURLToPath(new URL(`../../../../${path}`, import.meta.url));
const factory = plugin.factories[0] as ServableFactory;
const signal = new AbortController().signal;

async function load(path: string, options: object = {}, host: Host = fakeHost()) {
  const make = (await factory.create(host, factory.options.parse(options))) as LoaderFactory;
  return make({ model: "m", version: 1n, path }).load(signal);
}

const answered = (name: string) =>
  readGolden(name)
    .cases.filter(({ error }) => !error)
    .map(({ inputs, outputs }) => ({ signature: DEFAULT_SIGNATURE, inputs, outputs }));
const refused = (name: string) =>
  readGolden(name)
    .cases.filter(({ error }) => error)
    .map(({ inputs }) => ({ signature: DEFAULT_SIGNATURE, inputs }));

for (const engine of ["ffi", "binding"] as const) {
  describeServable({ describe, test }, `onnx with labels as text, on ${engine}`, {
    open: () => load(file("test/fixtures/onnx/linear_classifier_strings.onnx"), { engine }),
    cases: answered("onnx/linear_classifier_strings.json"),
  });
  describeServable({ describe, test }, `onnx with symbolic dimensions, on ${engine}`, {
    open: () => load(file("test/fixtures/onnx/symbolic_dims.onnx"), { engine }),
    cases: answered("onnx/symbolic_dims.json"),
    wrong: refused("onnx/symbolic_dims.json"),
  });
}

describe("the quickstart's models answer as the frameworks that made them", () => {
  it.each([
    ["mnist_onnx", "examples/quickstart/models/mnist_onnx/1"],
    ["iris", "examples/quickstart/models/iris/1"],
  ])("%s", async (name, path) => {
    const servable = await load(file(path));
    const { cases } = readGolden(`golden/${name}.json`);
    expect(cases.length).toBeGreaterThan(0);
    for (const { inputs, outputs } of cases) {
      const answer = await servable.run({ signature: DEFAULT_SIGNATURE, inputs, signal });
      expect(firstDifference(answer, outputs)).toBeUndefined();
    }
    await servable[Symbol.asyncDispose]();
  });
});

describe("the servable", () => {
  it("says what runs it, and has one signature", async () => {
    const servable = await load(file("test/fixtures/onnx/symbolic_dims.onnx"));
    expect(servable.engine).toBe("onnxruntime/ffi (cpu)");
    expect(Object.keys(servable.signatures)).toEqual([DEFAULT_SIGNATURE]);
    expect(servable.signatures[DEFAULT_SIGNATURE]?.inputs.a).toMatchObject({ shape: [-1, -1, 3] });
    await servable[Symbol.asyncDispose]();
  });

  it("serves what is beside a map, and warns that the map is not", async () => {
    const log = recordingLogger();
    const servable = await load(file("test/fixtures/onnx/zipmap.onnx"), {}, fakeHost({ log }));
    expect(log.lines).toMatchObject([{ level: "warn", fields: { output: "maps" } }]);
    expect(Object.keys(servable.signatures[DEFAULT_SIGNATURE]?.outputs ?? {})).toEqual(["label"]);
    expect(servable).toMatchObject({ hiddenOutputs: [{ name: "maps" }] });
    const [first] = answered("onnx/zipmap.json");
    const answer = await servable.run({ signature: DEFAULT_SIGNATURE, inputs: first!.inputs, signal });
    expect(firstDifference(answer, first!.outputs)).toBeUndefined();
    await servable[Symbol.asyncDispose]();
  });

  it("reads weights that lie beside the model", async () => {
    const servable = await load(file("test/fixtures/onnx/external_data"));
    for (const { inputs, outputs } of answered("onnx/external_data.json")) {
      const answer = await servable.run({ signature: DEFAULT_SIGNATURE, inputs, signal });
      expect(firstDifference(answer, outputs)).toBeUndefined();
    }
    await servable[Symbol.asyncDispose]();
  });

  it("leaves an optional input to its default", async () => {
    const servable = await load(file("test/fixtures/onnx/overridable_initializer.onnx"));
    expect(servable.signatures[DEFAULT_SIGNATURE]?.inputs.bias?.optional).toBe(true);
    const x = tensor("float32", [1, 3], new Float32Array(3));
    const { y } = await servable.run({ signature: DEFAULT_SIGNATURE, inputs: { x }, signal });
    expect([...(y?.data ?? [])]).toEqual([1, 2, 3]);
    await servable[Symbol.asyncDispose]();
  });

  it.each([
    ["only_maps", "UNIMPLEMENTED", 'no output can be served: "maps" is a sequence'],
    ["sequence_input", "UNIMPLEMENTED", 'input "sequence" cannot be served: it is a sequence'],
    ["dtype_int4", "UNIMPLEMENTED", 'input "x" cannot be served: it is a tensor of int4'],
    ["truncated", "INVALID_ARGUMENT", "truncated.onnx does not load: "],
    ["string_normalizer_locale", "FAILED_PRECONDITION", "xx_NOWHERE"],
  ])("does not load %s, and says why", async (name, code, message) => {
    await expect(load(file(`test/fixtures/onnx/${name}.onnx`))).rejects.toMatchObject({
      code,
      message: expect.stringContaining(message),
    });
  });

  it("gives up a load that is no longer wanted", async () => {
    const make = (await factory.create(fakeHost(), factory.options.parse({}))) as LoaderFactory;
    const loader = make({ model: "m", version: 1n, path: file("test/fixtures/onnx/scalar.onnx") });
    const controller = new AbortController();
    const loading = loader.load(controller.signal);
    controller.abort(new Error("not wanted"));
    await expect(loading).rejects.toThrow("not wanted");
  });
});

it("the factory keeps its promises", () => checkFactory(factory));
