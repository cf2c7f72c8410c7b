import {
  DEFAULT_SIGNATURE,
  type Lease,
  type Models,
  ModelsToken,
  type Servable,
  type Signature,
  strings,
  type Tensors,
  tensor,
} from "salver";
import { describeServable, fakeHost } from "salver/testing";
import { describe, expect, test } from "vitest";
import { constantTensor, filledTensor } from "../../../../plugins/servables/pipeline/constants.js";
import plugin from "../../../../plugins/servables/pipeline/index.js";
import { pipelineLoader } from "../../../../plugins/servables/pipeline/loader.js";
import type { PipelineOptions } from "../../../../plugins/servables/pipeline/options.js";

const float = { dtype: "float32", shape: [-1] } as const;
const signature: Signature = {
  inputs: { x: float, by: float },
  outputs: { y: float, n: { dtype: "int32", shape: [] } },
};
const vector = (...values: readonly number[]) => tensor("float32", [values.length], Float32Array.from(values));

/** y = x * by, of as many rows as x. */
function multiplied({ x, by }: Tensors): Tensors {
  const factors = by?.data as Float32Array;
  const y = Float32Array.from(x?.data as Float32Array, (value, i) => value * (factors[i % factors.length] ?? 0));
  return { y: tensor("float32", [y.length], y), n: tensor("int32", [], Int32Array.of(y.length)) };
}

const signatures = { [DEFAULT_SIGNATURE]: signature };
const lease = (): Lease => ({
  model: "times",
  version: 1n,
  signatures,
  predict: async (_name, inputs) => {
    await Promise.resolve();
    return multiplied(inputs);
  },
  classify: () => Promise.reject(new Error("never")),
  regress: () => Promise.reject(new Error("never")),
  multiInference: () => Promise.reject(new Error("never")),
  runSession: () => Promise.reject(new Error("never")),
  [Symbol.dispose]: () => {},
});
const models: Models = { lease: (specs) => specs.map(lease) };

async function open(): Promise<Servable> {
  const [factory] = plugin.factories;
  const options = factory?.options.parse({
    steps: {
      squared: { model: "times", inputs: { x: "request.x", by: "request.x" } },
      scaled: { model: "times", inputs: { x: "squared.y", by: { constant: [10] } } },
    },
    outputs: { squared: "squared.y", scaled: "scaled.y", rows: "squared.n" },
  }) as PipelineOptions;
  const get = ((token: unknown) => (token === ModelsToken ? models : undefined)) as never;
  const servable = await pipelineLoader(fakeHost({ get }), options).load(new AbortController().signal);
  servable.links?.bind(() => ({ version: 1n, signatures }));
  return servable;
}

describeServable({ describe, test }, "pipeline", {
  open,
  cases: [
    {
      signature: DEFAULT_SIGNATURE,
      inputs: { x: vector(1, 2, 3) },
      outputs: { squared: vector(1, 4, 9), scaled: vector(10, 40, 90), rows: tensor("int32", [], Int32Array.of(3)) },
    },
    { signature: DEFAULT_SIGNATURE, inputs: { x: vector() } },
  ],
});

describe("constants", () => {
  test("are tensors of the shape of their lists", () => {
    expect(constantTensor(0.5, "float32")).toEqual(tensor("float32", [], Float32Array.of(0.5)));
    expect(constantTensor([[1, 2, 3]], "int64")).toEqual(tensor("int64", [1, 3], BigInt64Array.of(1n, 2n, 3n)));
    expect(constantTensor(["a", "b"], "string")).toEqual(strings(["a", "b"]));
    expect(constantTensor([true, false], "bool")).toEqual(tensor("bool", [2], Uint8Array.of(1, 0)));
    expect(constantTensor([[], []], "float64").shape).toEqual([2, 0]);
    expect(filledTensor(-1, "int8", [2, 2])).toEqual(tensor("int8", [2, 2], Int8Array.of(-1, -1, -1, -1)));
  });

  test.each([
    ["lists of different lengths", [[1, 2], [3]], "float32", "its lists differ in length or depth"],
    ["lists of different depths", [1, [2]], "float32", "its lists differ in length or depth"],
    ["a text for a number", "1", "float32", '"1" is no float32'],
    ["a number for a text", 1, "string", "1 is no string"],
    ["a number for a truth", 1, "bool", "1 is no bool"],
    ["a fraction", 1.5, "int32", "1.5 is no int32"],
    ["too large a number", 300, "uint8", "300 is no uint8"],
    ["a negative one", -1, "uint64", "-1 is no uint64"],
    ["more than a number can say", 2 ** 60, "int64", `${2 ** 60} is no int64`],
    ["a type without values", 1, "bfloat16", "a config cannot say values of type bfloat16"],
  ] as const)("cannot be %s", (_name, value, dtype, message) => {
    expect(() => constantTensor(value, dtype)).toThrow(message);
  });
});
