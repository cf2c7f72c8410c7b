import {
  CLASSIFY_METHOD,
  type Example,
  type Feature,
  REGRESS_METHOD,
  type Signature,
  type TensorSpec,
  type Tensors,
  tensor,
  texts,
} from "salver";
import { describe, expect, test } from "vitest";
import { classify } from "../../../core/serving/classify.js";
import { inputsOf } from "../../../core/serving/examples.js";
import { multiInference } from "../../../core/serving/multi-inference.js";
import { regress } from "../../../core/serving/regress.js";
import type { Runner } from "../../../core/serving/runner.js";
import { exampleOf } from "../../../protos/example/encode.js";

const floats = (...values: number[]): Feature => ({ kind: "float", values: Float32Array.from(values) });
const int64s = (...values: bigint[]): Feature => ({ kind: "int64", values: BigInt64Array.from(values) });
const bytes = (...values: string[]): Feature => ({ kind: "bytes", values: values.map((value) => Buffer.from(value)) });
const spec = (dtype: TensorSpec["dtype"], ...shape: number[]): TensorSpec => ({ dtype, shape });
const signal = new AbortController().signal;
const examples = (...features: Record<string, Feature>[]): readonly Example[] => features.map(exampleOf);
const plain = (inputs: Signature["inputs"], more: Partial<Signature> = {}): Signature => ({
  inputs,
  outputs: { y: spec("float32", -1) },
  ...more,
});
const stack = (inputs: Signature["inputs"], given: readonly Example[], more: Partial<Signature> = {}) =>
  inputsOf(plain(inputs, more), given, signal);
const refusalOf = (promise: Promise<unknown>) =>
  promise.then(
    () => "nothing was refused",
    (error) => `${error.code}: ${error.message}`,
  );

describe("features become tensors", () => {
  test("of the input's type and shape", async () => {
    const given = examples(
      { f: floats(1, 2, 3, 4), d: floats(0.5), i: int64s(-7n), u: int64s(255n), b: int64s(1n), s: bytes("a", "b") },
      { f: floats(5, 6, 7, 8), d: floats(1.5), i: int64s(8n), u: int64s(0n), b: int64s(0n), s: bytes("", "c") },
    );
    const specs = {
      f: spec("float32", -1, 2, 2),
      d: spec("float64", -1),
      i: spec("int32", -1, 1),
      u: spec("uint8", -1),
      b: spec("bool", -1),
      s: spec("string", -1, -1),
    };
    expect(await stack(specs, given)).toEqual({
      f: tensor("float32", [2, 2, 2], Float32Array.of(1, 2, 3, 4, 5, 6, 7, 8)),
      d: tensor("float64", [2], Float64Array.of(0.5, 1.5)),
      i: tensor("int32", [2, 1], Int32Array.of(-7, 8)),
      u: tensor("uint8", [2], Uint8Array.of(255, 0)),
      b: tensor("bool", [2], Uint8Array.of(1, 0)),
      s: tensor(
        "string",
        [2, 2],
        ["a", "b", "", "c"].map((text) => Buffer.from(text)),
      ),
    });
  });

  test("whole numbers of 64 bits stay exact", async () => {
    const given = examples(
      { n: int64s(2n ** 63n - 1n), u: int64s(2n ** 53n + 1n) },
      { n: int64s(-(2n ** 63n)), u: int64s(0n) },
    );
    const { n, u } = await stack({ n: spec("int64", -1), u: spec("uint64", -1) }, given);
    expect(n?.data).toEqual(BigInt64Array.of(2n ** 63n - 1n, -(2n ** 63n)));
    expect(u?.data).toEqual(BigUint64Array.of(2n ** 53n + 1n, 0n));
  });

  test("one open dimension is what the first example has", async () => {
    const given = examples({ x: floats(1, 2, 3, 4) }, { x: floats(5, 6, 7, 8) });
    expect((await stack({ x: spec("float32", -1, 2, -1) }, given)).x?.shape).toEqual([2, 2, 2]);
    expect((await stack({ x: { dtype: "float32", shape: null } }, given)).x?.shape).toEqual([2, 4]);
    const single = examples({ x: floats(1) });
    expect((await stack({ x: { dtype: "float32", shape: null } }, single)).x?.shape).toEqual([1]);
    expect((await stack({ x: spec("float32") }, single)).x?.shape).toEqual([]);
  });

  test("an input that may be left out is, where no example has it", async () => {
    const inputs = { x: spec("float32", -1), o: { ...spec("float32", -1), optional: true }, d: spec("float32", -1) };
    const defaults = { d: tensor("float32", [1], Float32Array.of(9)) };
    const given = examples({ x: floats(1) }, { x: floats(2) });
    expect(Object.keys(await stack(inputs, given, { defaults }))).toEqual(["x"]);
    const some = examples({ x: floats(1) }, { x: floats(2), o: floats(3) });
    expect(await refusalOf(stack(inputs, some, { defaults }))).toMatch(/^INVALID_ARGUMENT: Feature: o is in example 1/);
  });

  const x = { x: spec("float32", -1) };
  test.each([
    ["no examples", x, [], "Input is empty."],
    [
      "a missing feature",
      x,
      [{ x: floats(1) }, { y: floats(1) }],
      "Name: <unknown>, Feature: x (data type: float) is required but could not be found.",
    ],
    [
      "a feature of another kind",
      x,
      [{ x: floats(1) }, { x: int64s(1n) }],
      "Name: <unknown>, Key: x, Index: 1.  Data types don't match. Data type: int64 but expected type: float",
    ],
    [
      "text for a number",
      { x: spec("int64", -1) },
      [{ x: bytes("1") }],
      "Name: <unknown>, Key: x, Index: 0.  Data types don't match. Data type: string but expected type: int64",
    ],
    [
      "too many values",
      x,
      [{ x: floats(1, 2) }],
      "Name: <unknown>, Key: x, Index: 0.  Number of float values != expected.  Values size: 2 but output shape: []",
    ],
    [
      "examples of unequal length",
      { x: spec("float32", -1, -1) },
      [{ x: floats(1, 2) }, { x: floats(1) }],
      "Name: <unknown>, Key: x, Index: 1.  Number of float values != expected.  Values size: 1 but output shape: [2]",
    ],
    [
      "a part of a row",
      { x: spec("float32", -1, -1, 2) },
      [{ x: floats(1, 2, 3) }],
      "Name: <unknown>, Key: x, Index: 0.  Number of values is not a multiple of stride length. Saw 3 values but output shape is: [-1,2]",
    ],
    [
      "a number beyond the type",
      { x: spec("int8", -1) },
      [{ x: int64s(128n) }],
      "Feature: x has the value 128, which int8 cannot hold",
    ],
    [
      "a negative one",
      { x: spec("uint64", -1) },
      [{ x: int64s(-1n) }],
      "Feature: x has the value -1, which uint64 cannot hold",
    ],
    [
      "two open dimensions",
      { x: spec("float32", -1, -1, -1) },
      [{ x: floats(1) }],
      'input "x" has the shape [-1,-1,-1]: features are flat lists, which do not say how to fill more than one open dimension after the first; use Predict instead',
    ],
    [
      "a type without features",
      { x: spec("float16", -1) },
      [{ x: floats(1) }],
      'input "x" is of type float16, and features are floats, int64s or bytes: use Predict instead',
    ],
    [
      "several examples for a scalar",
      { x: spec("float32") },
      [{ x: floats(1) }, { x: floats(1) }],
      'input "x" is a scalar: it takes one example a request, not 2',
    ],
  ] as [string, Signature["inputs"], Record<string, Feature>[], string][])(
    "%s is refused",
    async (_name, inputs, given, text) => {
      expect(await refusalOf(stack(inputs, examples(...given)))).toBe(`INVALID_ARGUMENT: ${text}`);
    },
  );

  test("a shared feature that would take gigabytes is refused", async () => {
    const x: Feature = { kind: "float", values: new Float32Array(1_000_000) };
    const shared: Example = { bytes: new Uint8Array(), features: () => ({ x }) };
    const refused = refusalOf(stack({ x: spec("float32", -1, 1_000_000) }, new Array(300).fill(shared)));
    expect(await refused).toMatch(/^RESOURCE_EXHAUSTED: input "x" would take 1200000000 bytes/);
  });
});

test("a graph that parses examples gets their very bytes", async () => {
  const given = [Buffer.from([1, 2]), Buffer.from([0xff])].map(
    (bytes): Example => ({
      bytes,
      features: () => {
        throw new Error("nobody needs them");
      },
    }),
  );
  const inputs = await inputsOf(plain({ inputs: spec("string", -1) }), given, signal);
  expect(inputs).toEqual({ inputs: tensor("string", [2], [Buffer.from([1, 2]), Buffer.from([0xff])]) });
});

test("a caller that has gone ends the stacking", async () => {
  const slow: Example = {
    bytes: new Uint8Array(),
    features: () => {
      const until = performance.now() + 5;
      while (performance.now() < until);
      return { x: floats(1) };
    },
  };
  const refused = refusalOf(inputsOf(plain({ x: spec("float32", -1) }), new Array(3).fill(slow), AbortSignal.abort()));
  expect(await refused).toBe("CANCELLED: the request was cancelled");
});

const serialized = { inputs: spec("string", -1) };
const strings2 = (...rows: string[][]) =>
  tensor(
    "string",
    [rows.length, rows[0]?.length ?? 0],
    rows.flat().map((text) => Buffer.from(text)),
  );
const floats2 = (...rows: number[][]) =>
  tensor("float32", [rows.length, rows[0]?.length ?? 0], Float32Array.from(rows.flat()));

function runner(signature: Signature, answer: Tensors, name = "serving_default"): Runner & { asked: unknown[] } {
  const asked: unknown[] = [];
  return {
    asked,
    signatures: { [name]: signature },
    predict: async (signatureName, inputs, { outputs }) => {
      asked.push({ signatureName, inputs: Object.keys(inputs), outputs });
      return answer;
    },
  };
}
const two = examples({ x: floats(1) }, { x: floats(2) });
const ask = (run: typeof classify | typeof regress, signature: Signature, answer: Tensors = {}, name = "") =>
  run(runner(signature, answer), name, two, { signal });

const labelled = (classes: readonly (readonly { readonly label: Uint8Array; readonly score: number }[])[]) =>
  classes.map((row) => row.map(({ label, score }) => [Buffer.from(label).toString(), score]));

describe("Classify", () => {
  const whole = { inputs: serialized, outputs: { classes: spec("string", -1, -1), scores: spec("float32", -1, -1) } };

  test("gives labels and scores, row by row", async () => {
    const model = runner(whole, { classes: strings2(["a", "b"], ["b", "a"]), scores: floats2([0.5, 0.25], [1, 0]) });
    const classes = await classify(model, "", two, { signal });
    expect(labelled(classes)).toEqual([
      [
        ["a", 0.5],
        ["b", 0.25],
      ],
      [
        ["b", 1],
        ["a", 0],
      ],
    ]);
    expect(model.asked).toEqual([
      { signatureName: "serving_default", inputs: ["inputs"], outputs: ["classes", "scores"] },
    ]);
  });

  test("does with one of both", async () => {
    const scores = { inputs: serialized, outputs: { scores: spec("float32", -1, -1) } };
    expect(labelled((await ask(classify, scores, { scores: floats2([1], [2]) })) as never)).toEqual([
      [["", 1]],
      [["", 2]],
    ]);
    const classes = { inputs: serialized, outputs: { classes: spec("string", -1, -1) } };
    expect(labelled((await ask(classify, classes, { classes: strings2(["a"], ["b"]) })) as never)).toEqual([
      [["a", 0]],
      [["b", 0]],
    ]);
  });

  test("of a plain graph takes the named outputs, else the only matrix of floats", async () => {
    const inputs = { x: spec("float32", -1) };
    const outputs = { label: spec("int64", -1), probabilities: spec("float32", -1, 2) };
    const answer = { label: tensor("int64", [2], BigInt64Array.of(0n, 1n)), probabilities: floats2([1, 0], [0, 1]) };
    expect(labelled((await ask(classify, { inputs, outputs }, answer)) as never)).toEqual([
      [
        ["", 1],
        ["", 0],
      ],
      [
        ["", 0],
        ["", 1],
      ],
    ]);
    const named = { ...outputs, scores: spec("float32", -1, 1) };
    expect(
      labelled((await ask(classify, { inputs, outputs: named }, { ...answer, scores: floats2([7], [8]) })) as never),
    ).toEqual([[["", 7]], [["", 8]]]);
  });

  const scored = { scores: spec("float32", -1, -1) };
  test.each([
    [
      "two inputs",
      { inputs: { inputs: spec("string", -1), b: spec("string", -1) }, outputs: {}, method: "x" },
      "Expected one input Tensor.",
    ],
    ["no outputs", { inputs: serialized, outputs: {} }, "Expected one or two output Tensors, found 0"],
    [
      "three outputs",
      { inputs: serialized, outputs: { ...scored, a: spec("float32", -1), b: spec("float32", -1) } },
      "Expected one or two output Tensors, found 3",
    ],
    [
      "an input of another name",
      { inputs: { x: spec("float32", -1) }, outputs: { y: spec("float32", -1) } },
      'No classification inputs found in SignatureDef: inputs { x: float [-1] } outputs { y: float [-1] } method_name: "tensorflow/serving/predict"',
    ],
    [
      "outputs of other names",
      { inputs: serialized, outputs: { y: spec("float32", -1, -1) } },
      'Expected classification signature outputs to contain at least one of "classes" or "scores". Signature was: inputs { inputs: string [-1] } outputs { y: float [-1,-1] } method_name: "tensorflow/serving/predict"',
    ],
    [
      "a plain graph of a method of its own",
      { inputs: { x: spec("float32", -1) }, outputs: scored, method: "tensorflow/serving/classify" },
      'No classification inputs found in SignatureDef: inputs { x: float [-1] } outputs { scores: float [-1,-1] } method_name: "tensorflow/serving/classify"',
    ],
  ] as [string, Signature, string][])("a signature with %s is refused", async (_name, signature, text) => {
    expect(await refusalOf(ask(classify, signature))).toBe(`INVALID_ARGUMENT: ${text}`);
  });

  test.each([
    [
      "a vector",
      { scores: tensor("float32", [2], Float32Array.of(1, 2)) },
      "Expected Tensor shape: [batch_size num_classes] but got [2]",
    ],
    ["classes that are numbers", { classes: floats2([1], [2]) }, "Expected classes Tensor of DT_STRING. Got: DT_FLOAT"],
    [
      "scores in double precision",
      { scores: tensor("float64", [2, 1], Float64Array.of(1, 2)) },
      "Expected scores Tensor of DT_FLOAT. Got: DT_DOUBLE",
    ],
    ["another batch size", { classes: strings2(["a"]) }, "Expected classes output batch size of 2. Got: 1"],
    [
      "another batch size of scores",
      { scores: floats2([1], [2], [3]) },
      "Expected scores output batch size of 2. Got: 3",
    ],
    [
      "different widths",
      { classes: strings2(["a"], ["b"]), scores: floats2([1, 2], [3, 4]) },
      "Tensors class and score should match in dim_size(1). Got 1 vs. 2",
    ],
  ] as [string, Tensors, string][])("%s from the graph is refused", async (_name, answer, text) => {
    const full = { classes: strings2(["a"], ["b"]), scores: floats2([1], [2]), ...answer };
    expect(await refusalOf(ask(classify, whole, full))).toBe(`INVALID_ARGUMENT: ${text}`);
  });
});

describe("Regress", () => {
  const whole = { inputs: serialized, outputs: { outputs: spec("float32", -1) } };

  test("takes a vector and a column", async () => {
    for (const shape of [[2], [2, 1]]) {
      const outputs = tensor("float32", shape, Float32Array.of(1, 2));
      expect(await ask(regress, whole, { outputs })).toEqual(Float32Array.of(1, 2));
    }
  });

  test("of a plain graph takes `outputs`, else the only float of one value a row", async () => {
    const y = tensor("float32", [2], Float32Array.of(1, 2));
    const inputs = { x: spec("float32", -1) };
    const able: Signature["outputs"][] = [
      { y: spec("float32", -1) },
      { y: spec("float32", -1, -1), n: spec("int64", -1), z: spec("float32", -1, 3) },
      { y: spec("float32", -1, 1), z: { dtype: "float32", shape: null } },
    ];
    for (const outputs of able) {
      expect(await ask(regress, { inputs, outputs }, { y })).toEqual(Float32Array.of(1, 2));
    }
    const both = { y: spec("float32", -1), outputs: spec("float32", -1) };
    expect(await ask(regress, { inputs, outputs: both }, { outputs: y })).toEqual(Float32Array.of(1, 2));
  });

  const x = { x: spec("float32", -1) };
  test.each([
    [
      "two outputs",
      { inputs: serialized, outputs: { outputs: spec("float32", -1), a: spec("float32", -1) } },
      "Expected one output Tensor.",
    ],
    [
      "two inputs and no output that would do",
      { inputs: { ...x, z: spec("float32", -1) }, outputs: {} },
      "Expected one input Tensor.",
    ],
    [
      "a scalar output",
      { inputs: x, outputs: { y: spec("float32") } },
      'No regression inputs found in SignatureDef: inputs { x: float [-1] } outputs { y: float [] } method_name: "tensorflow/serving/predict"',
    ],
    [
      "two outputs that might be the value",
      { inputs: x, outputs: { y: spec("float32", -1), z: spec("float32", -1, 1) } },
      "Expected one output Tensor.",
    ],
    [
      "an output of another name",
      { inputs: serialized, outputs: { y: spec("float32", -1) } },
      'No regression outputs found in SignatureDef: inputs { inputs: string [-1] } outputs { y: float [-1] } method_name: "tensorflow/serving/predict"',
    ],
  ] as [string, Signature, string][])("a signature with %s is refused", async (_name, signature, text) => {
    expect(await refusalOf(ask(regress, signature))).toBe(`INVALID_ARGUMENT: ${text}`);
  });

  test.each([
    [[2, 2], "Expected output Tensor shape to be either [batch_size] or [batch_size, 1] but got [2,2]"],
    [[2, 1, 1], "Expected output Tensor shape to be either [batch_size] or [batch_size, 1] but got [2,1,1]"],
    [[3], "Input batch size did not match output batch size: 2 vs. 3"],
  ])("the shape %j from the graph is refused", async (shape, text) => {
    const outputs = tensor("float32", shape, new Float32Array(shape.reduce((a, b) => a * b)));
    expect(await refusalOf(ask(regress, whole, { outputs }))).toBe(`INVALID_ARGUMENT: ${text}`);
  });

  test("integers from the graph are refused", async () => {
    const outputs = tensor("int32", [2], Int32Array.of(1, 2));
    expect(await refusalOf(ask(regress, whole, { outputs }))).toBe(
      "INVALID_ARGUMENT: Expected output Tensor of DT_FLOAT.  Got: DT_INT32",
    );
  });
});

test.each([classify, regress])("an unknown signature is named, also one that every object has", async (run) => {
  const signature = { inputs: serialized, outputs: {} };
  expect(await refusalOf(ask(run, signature, {}, "toString"))).toBe(
    "INVALID_ARGUMENT: No signature was found with the name: toString",
  );
});

describe("MultiInference", () => {
  const model: Runner = {
    signatures: {
      serving_default: { inputs: serialized, outputs: { scores: spec("float32", -1, -1) } },
      value: { inputs: serialized, outputs: { outputs: spec("float32", -1) } },
    },
    predict: async (name, inputs): Promise<Tensors> => {
      expect(texts(inputs.inputs!)).toHaveLength(2);
      return name === "value"
        ? { outputs: tensor("float32", [2], Float32Array.of(3, 4)) }
        : { scores: floats2([1], [2]) };
    },
  };
  const run = (...tasks: Parameters<typeof multiInference>[1]) => multiInference(model, tasks, two, { signal });

  test("answers in the tasks' order, the default signature by its name", async () => {
    const results = await run(
      { signature: "value", method: REGRESS_METHOD },
      { signature: "", method: CLASSIFY_METHOD },
    );
    expect(results).toEqual([
      { method: "regress", signature: "value", values: Float32Array.of(3, 4) },
      {
        method: "classify",
        signature: "serving_default",
        classes: [[{ label: new Uint8Array(), score: 1 }], [{ label: new Uint8Array(), score: 2 }]],
      },
    ]);
  });

  test("refuses what is asked twice, unknown, or of the wrong kind", async () => {
    const value = { signature: "value", method: REGRESS_METHOD };
    expect(await refusalOf(run(value, value))).toBe("INVALID_ARGUMENT: Duplicate evaluation of signature: value");
    expect(await refusalOf(run({ signature: "no", method: "other" }))).toBe(
      "INVALID_ARGUMENT: Requested signature not found in model graph: no",
    );
    expect(await refusalOf(run({ signature: "value", method: CLASSIFY_METHOD }))).toMatch(
      /^INVALID_ARGUMENT: Expected class/,
    );
    expect(await refusalOf(run({ signature: "value", method: "other" }))).toBe(
      "UNIMPLEMENTED: Unsupported signature method_name: other",
    );
    expect(await refusalOf(multiInference(model, [value], [], { signal }))).toBe("INVALID_ARGUMENT: Input is empty.");
  });
});

test("where methods are checked, a signature answers only the requests of its own", async () => {
  const whole = { inputs: serialized, outputs: { outputs: spec("float32", -1), scores: spec("float32", -1, -1) } };
  const strict = (method: string | undefined): Runner => ({
    ...runner({ ...whole, ...(method && { method }) }, {}),
    checkMethods: true,
  });
  expect(await refusalOf(classify(strict(REGRESS_METHOD), "", two, { signal }))).toBe(
    "INVALID_ARGUMENT: Expected classification signature method_name to be tensorflow/serving/classify. Was: tensorflow/serving/regress",
  );
  expect(await refusalOf(regress(strict(undefined), "", two, { signal }))).toBe(
    "INVALID_ARGUMENT: Expected regression signature method_name to be tensorflow/serving/regress. Was: tensorflow/serving/predict",
  );
  const task = { signature: "", method: CLASSIFY_METHOD };
  expect(await refusalOf(multiInference(strict(REGRESS_METHOD), [task], two, { signal }))).toMatch(
    /Was: tensorflow.serving.regress$/,
  );
  expect(await refusalOf(regress(strict(REGRESS_METHOD), "", two, { signal }))).toBe(
    "INVALID_ARGUMENT: Expected one output Tensor.",
  );
});
