import { type Lease, type Server, type Signature, strings, type Tensors, tensor } from "salver";
import { expect, test } from "vitest";
import { curlLines } from "../../../cli/output/curl-lines.js";

/** What of a server is looked at, with a model `m` of this signature. */
function serving(inputs: Signature["inputs"], example?: Signature["example"]): Pick<Server, "frontend" | "versions"> {
  const lease = {
    signatures: { serving_default: { inputs, outputs: {}, ...(example && { example }) } },
    [Symbol.dispose]: () => {},
  };
  return {
    frontend: { lease: () => lease as unknown as Lease } as unknown as Server["frontend"],
    versions: () => [{ model: "m", state: "AVAILABLE" }] as unknown as ReturnType<Server["versions"]>,
  };
}

test.each<[string, Signature["inputs"], string]>([
  ["numbers", { x: { dtype: "float32", shape: [-1] } }, '{"inputs": [1.0, 2.0, 5.0]}'],
  ["ids, of which the smallest table has the first", { ids: { dtype: "int64", shape: null } }, '{"inputs": [0, 1, 2]}'],
  [
    "a row of each of several inputs",
    { a: { dtype: "float32", shape: [-1, 2] }, b: { dtype: "bool", shape: [] } },
    '{"inputs": {"a": [[1.0, 2.0]], "b": true}}',
  ],
])("a request of %s", (_, inputs, body) => {
  expect(curlLines(serving(inputs), 8501)).toEqual([
    "Try:",
    `  curl -d '${body}' http://localhost:8501/v1/models/m:predict`,
    "",
  ]);
});

test.each<[string, Tensors, string]>([
  ["ids", { ids: tensor("int64", [2], BigInt64Array.of(0n, 1n)) }, '{"inputs": [0, 1]}'],
  ["keys that the table has", { keys: strings(["a b", 'say "x"'], [1, 2]) }, '{"inputs": [["a b", "say \\"x\\""]]}'],
  ["what a shell's quotes cannot hold", { keys: strings(["it's"]) }, '{"inputs": [{"b64":"aXQncw=="}]}'],
  [
    "what is no text",
    { keys: tensor("string", [1], [Uint8Array.of(255)]), n: tensor("int32", [], Int32Array.of(7)) },
    '{"inputs": {"keys": [{"b64":"/w=="}], "n": 7}}',
  ],
])("the signature's own example goes before: %s", (_, example, body) => {
  const [, line] = curlLines(serving({ ids: { dtype: "int64", shape: null } }, example), 8501);
  expect(line).toBe(`  curl -d '${body}' http://localhost:8501/v1/models/m:predict`);
});

test("none where none can be made up", () => {
  expect(curlLines(serving({ image: { dtype: "float32", shape: [-1, 224, 224, 3] } }), 8501)).toEqual([]);
});
