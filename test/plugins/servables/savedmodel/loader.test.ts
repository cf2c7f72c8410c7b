import { readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { afterEach, describe, expect, it, vi } from "vitest";
import type { Servable } from "../../../../core/index.js";
import { describeServable, fakeHost } from "../../../../core/testing/index.js";
import savedmodel from "../../../../plugins/servables/savedmodel/index.js";
import { savedModelLoader } from "../../../../plugins/servables/savedmodel/loader.js";
import { options } from "../../../../plugins/servables/savedmodel/options.js";
import { firstDifference } from "../../../fixtures/compare.js";
import { readGolden } from "../../../fixtures/golden.js";

const root = fileURLToPath(new URL("../../../../", import.meta.url));
const { signal } = new AbortController();
const loader = (path: string, chosen: Record<string, unknown> = { engine: "onnxruntime" }) =>
  savedModelLoader(fakeHost(), { model: "m", version: 1n, path: root + path }, options.parse(chosen));
const load = (path: string, chosen?: Record<string, unknown>): Promise<Servable> => loader(path, chosen).load(signal);

/** Folder, golden file, and how far float32 may part; all must lower. */
const lowered: readonly (readonly [string, string])[] = [
  ...["half_plus_two", "mnist", "deepfm"].map(
    (name) => [`examples/quickstart/models/${name}/1`, `golden/${name}.json`] as const,
  ),
  ["examples/quickstart/models/half_plus_two/2", "golden/half_plus_two.json"],
  ...[
    "dense",
    "defaults",
    "int_types",
    "multi_signature",
    "partitioned",
    "tf1_style",
    "tf1_resource",
    "strings",
    "assets",
    "control_flow",
    "tf1_loop",
  ].map((name) => [`test/fixtures/savedmodels/${name}`, `savedmodels/${name}/golden.json`] as const),
  ["test/fixtures/savedmodels/multi_signature", "savedmodels/multi_signature/golden.reduce.json"],
  ...["parse_example/golden.json", "examples/golden.json", "examples/golden.classify.json"].map(
    (file) => [`test/fixtures/savedmodels/${file.split("/")[0]}`, `savedmodels/${file}`] as const,
  ),
];

describe("lowered models answer within 1e-5 of TensorFlow", () => {
  for (const [path, file] of lowered) {
    it(file, async () => {
      const { signature, cases } = readGolden(file);
      await using servable = await load(path);
      expect(servable.engine).toMatch(/^onnxruntime(\/(ffi|binding) \(cpu\)| \(nothing .*\))$/);
      expect(cases.length).toBeGreaterThan(0);
      for (const { name, inputs, outputs, error } of cases) {
        const defaults = servable.signatures[signature]?.defaults;
        const answer = servable.run({ signature, inputs: { ...defaults, ...inputs }, signal });
        if (error) await expect(answer, name).rejects.toMatchObject({ code: "INVALID_ARGUMENT" });
        else expect(firstDifference(await answer, outputs), name).toBeUndefined();
      }
    });
  }
});

describeServable({ describe, test: it }, "savedmodel (multi_signature)", {
  open: () => load("test/fixtures/savedmodels/multi_signature"),
  cases: ["golden.json", "golden.reduce.json"].flatMap((file) => {
    const { signature, cases } = readGolden(`savedmodels/multi_signature/${file}`);
    return cases.filter(({ error }) => !error).map(({ inputs, outputs }) => ({ signature, inputs, outputs }));
  }),
});

describe("signatures", () => {
  it("show names, shapes and methods as the model declares them, and not what TensorFlow runs at load", async () => {
    await using servable = await load("examples/quickstart/models/mnist/1");
    expect(Object.keys(servable.signatures).sort()).toEqual(["serve", "serving_default"]);
    expect(servable.signatures.serving_default).toMatchObject({
      inputs: { image: { dtype: "float32", shape: [-1, 28, 28, 1], name: "serving_default_image:0" } },
      outputs: { probabilities: { dtype: "float32", shape: [-1, 10] } },
      method: "tensorflow/serving/predict",
    });
  });

  it("can be chosen, so that one that lowers is served without one that does not", async () => {
    const path = "test/fixtures/savedmodels/unsupported_op";
    const { signature, cases } = readGolden("savedmodels/unsupported_op/golden.plain.json");
    await using servable = await load(path, { engine: "onnxruntime", signatures: [signature] });
    expect(Object.keys(servable.signatures)).toEqual([signature]);
    for (const { inputs, outputs } of cases) {
      expect(firstDifference(await servable.run({ signature, inputs, signal }), outputs)).toBeUndefined();
    }
  });

  it("that are not there are named, with those that are", async () => {
    await expect(load("test/fixtures/savedmodels/defaults", { signatures: ["x"] })).rejects.toMatchObject({
      code: "FAILED_PRECONDITION",
      message: expect.stringMatching(/no signature "x"; it has .*"serving_default"/),
    });
  });
});

describe("what cannot be lowered", () => {
  it("is refused with the operator, its place in the graph, and the signature", async () => {
    await expect(load("test/fixtures/savedmodels/unsupported_op")).rejects.toMatchObject({
      code: "FAILED_PRECONDITION",
      message: expect.stringMatching(
        /Svd at ".*encoder\/spectrum\/decompose" in the function ".+" \(in "serving_default"\)/,
      ),
    });
  });

  for (const [name, op] of [
    ["complex_types", "complex64|Conj"],
    ["pbtxt", "saved_model.pbtxt"],
  ] as const) {
    it(`${name}: names ${op}`, async () => {
      await expect(load(`test/fixtures/savedmodels/${name}`)).rejects.toMatchObject({
        code: "FAILED_PRECONDITION",
        message: expect.stringMatching(op),
      });
    });
  }
});

describe("broken models are refused by what is wrong with them", () => {
  const messages: Readonly<Record<string, readonly [code: string, message: RegExp]>> = {
    truncated_pb: ["DATA_LOSS", /saved_model\.pb .* cut short/],
    not_protobuf: ["DATA_LOSS", /saved_model\.pb .* damaged/],
    empty_pb: ["DATA_LOSS", /saved_model\.pb holds no graph/],
    missing_pb: ["NOT_FOUND", /saved_model\.pb is missing/],
    missing_variables: ["NOT_FOUND", /variables\.index is missing/],
    missing_index: ["NOT_FOUND", /variables\.index is missing/],
    missing_shard: [
      "NOT_FOUND",
      /variables\.data-00000-of-00001, which holds the variable ".+\/VARIABLE_VALUE", is missing/,
    ],
    index_checksum: ["DATA_LOSS", /variables\.index .* wrong checksum/],
    index_truncated: ["DATA_LOSS", /variables\.index .* cut short/],
    index_not_a_table: ["DATA_LOSS", /variables\.index is no variables index/],
    shard_checksum: ["DATA_LOSS", /variable "w\/.*" has a wrong checksum/],
    shard_truncated: ["DATA_LOSS", /variables\.data-00000-of-00001 was cut short: the variable ".+\/VARIABLE_VALUE"/],
    no_serve_tag: ["INVALID_ARGUMENT", /no graph with the tags \[serve\]; it has \[train\]/],
    no_signatures: ["FAILED_PRECONDITION", /no signature/],
    no_graphs: ["DATA_LOSS", /holds no graph/],
    dangling_input: ["DATA_LOSS", /"add" in the function ".*" uses "Nowhere", which does not exist/],
    unknown_op: ["FAILED_PRECONDITION", /Teleport at ".+"/],
    missing_function: ["DATA_LOSS", /calls the function ".*", which does not exist/],
  };
  const folder = "test/fixtures/savedmodels_broken";
  for (const name of readdirSync(root + folder).filter((entry) => !entry.includes("."))) {
    it(name, async () => {
      const [code, message] = messages[name] ?? ["no expectation for this fixture", /^$/];
      await expect(load(`${folder}/${name}`)).rejects.toMatchObject({ code, message: expect.stringMatching(message) });
    });
  }
});

describe("the engine auto", () => {
  afterEach(() => {
    vi.doUnmock("../../../../plugins/runtimes/libtensorflow/index.js");
    vi.unstubAllEnvs();
  });

  it("takes onnxruntime where every signature lowers", async () => {
    await using servable = await load("test/fixtures/savedmodels/dense", { engine: "auto" });
    expect(servable.engine).toMatch(/^onnxruntime\//);
  });

  it("takes libtensorflow where one does not, and refuses like onnxruntime where there is none", async () => {
    const ran: unknown[] = [];
    let found: unknown = { found: { path: "libtensorflow.so", version: "9.9.9", origin: "a test" } };
    vi.resetModules();
    vi.doMock("../../../../plugins/runtimes/libtensorflow/index.js", () => ({
      findLibrary: async () => found,
      openSavedModel: async () => ({
        run: async (feeds: Record<string, unknown>, fetches: readonly string[]) => {
          ran.push(Object.keys(feeds), fetches);
          return fetches.map(() => ({ dtype: "float32", shape: [], data: new Float32Array(1) }));
        },
        [Symbol.asyncDispose]: async () => {
          ran.push("disposed");
        },
      }),
    }));
    const { savedModelLoader: mocked } = await import("../../../../plugins/servables/savedmodel/loader.js");
    const path = `${root}test/fixtures/savedmodels/unsupported_op`;
    const attempt = (engine = "auto") =>
      mocked(fakeHost(), { model: "m", version: 1n, path }, options.parse({ engine })).load(signal);
    const refused = (words: RegExp) => ({ code: "FAILED_PRECONDITION", message: expect.stringMatching(words) });

    const servable = await attempt();
    expect(servable.engine).toBe("libtensorflow 9.9.9");
    const { inputs, outputs } = servable.signatures.plain!;
    const [x] = Object.keys(inputs);
    const value = { dtype: "float32", shape: [], data: new Float32Array(1) } as const;
    const answer = await servable.run({ signature: "plain", inputs: { [x!]: value }, signal });
    expect(Object.keys(answer)).toEqual(Object.keys(outputs));
    expect(ran).toEqual([[inputs[x!]!.name], Object.values(outputs).map(({ name }) => name)]);
    await servable[Symbol.asyncDispose]();
    expect(ran.at(-1)).toBe("disposed");

    await expect(attempt("onnxruntime")).rejects.toMatchObject(
      refused(/Svd.*`engine: auto` would use the libtensorflow that is here/),
    );

    found = { searched: [] };
    vi.stubEnv("LIBTENSORFLOW_PATH", "");
    await expect(attempt()).rejects.toMatchObject(refused(/Svd.*`salver tensorflow install`/));
  });
});

describe("loading", () => {
  it("is cancelled by its signal", async () => {
    const given = AbortSignal.abort();
    const path = "test/fixtures/savedmodels/dense";
    await expect(loader(path).load(given)).rejects.toMatchObject({ code: "CANCELLED" });
    const controller = new AbortController();
    const running = loader(path).load(controller.signal);
    controller.abort();
    await expect(running).rejects.toMatchObject({ code: "CANCELLED" });
    await (await load(path))[Symbol.asyncDispose]();
  });

  it("estimates what lies in memory while it loads: the model three times", async () => {
    const { memory } = await loader("examples/quickstart/models/mnist/1").estimate();
    expect(memory).toBeGreaterThan(3 * 230_000);
  });

  it("recognises the files", async () => {
    const [factory] = savedmodel.factories;
    if (factory?.kind !== "servable") throw new Error("no servable");
    expect(await factory.detect?.(`${root}examples/quickstart/models/mnist/1`)).toBe(true);
    expect(await factory.detect?.(`${root}examples/quickstart/models/mnist_onnx/1`)).toBe(false);
  });
});

describe("ranks that a graph was written for", () => {
  it("are asked for with the signature's shape", async () => {
    await using servable = await load("examples/quickstart/models/mnist/1");
    const image = { dtype: "float32", shape: [28, 28, 1], data: new Float32Array(784) } as const;
    await expect(servable.run({ signature: "serving_default", inputs: { image }, signal })).rejects.toMatchObject({
      code: "INVALID_ARGUMENT",
      message: expect.stringMatching(/"image" has the shape \[28,28,1\].*take \[-1,28,28,1\]$/),
    });
  });
});
