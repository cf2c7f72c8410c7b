import type { Lease, Server, Signature } from "salver";
import { expect, test } from "vitest";
import { curlLines } from "../../../cli/output/curl-lines.js";

/** What of a server is looked at, with a model `m` of this signature. */
function serving(inputs: Signature["inputs"]): Pick<Server, "frontend" | "versions"> {
  const lease = { signatures: { serving_default: { inputs, outputs: {} } }, [Symbol.dispose]: () => {} };
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

test("none where none can be made up", () => {
  expect(curlLines(serving({ image: { dtype: "float32", shape: [-1, 224, 224, 3] } }), 8501)).toEqual([]);
});
