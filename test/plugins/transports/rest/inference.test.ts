import { describe, expect, test } from "vitest";
import { type ExampleServing, serveExamples } from "../../../support/example-serving.js";
import { halvingModel, odd } from "../../../support/halving-model.js";

async function post({ url }: ExampleServing, verb: string, body: unknown, model = "m") {
  const reply = await fetch(`${url}/v1/models/${model}:${verb}`, {
    method: "POST",
    body: typeof body === "string" ? body : JSON.stringify(body),
  });
  return {
    status: reply.status,
    type: reply.headers.get("content-type"),
    bytes: Buffer.from(await reply.arrayBuffer()),
  };
}
const errorOf = ({ bytes }: { bytes: Buffer }) => JSON.parse(bytes.toString()).error as string;

describe(":regress", () => {
  test("gives a value for each example, printed as TensorFlow Serving does", async () => {
    const serving = await serveExamples(halvingModel);
    const reply = await post(
      serving,
      "regress",
      '{"examples":[{"x":1.0},{"x":[-4e0]},{"x":0.1},{"x":NaN},{"x":-Infinity}]}',
    );
    expect([reply.status, reply.type]).toEqual([200, "application/json"]);
    expect(reply.bytes.toString()).toBe('{"results":[2.5,0.0,2.05,NaN,-Infinity]}\n');
  });

  test("stacks features for a graph of plain tensors, a context's among them", async () => {
    const serving = await serveExamples(halvingModel);
    const reply = await post(
      serving,
      "regress",
      '{"signature_name":"plain","context":{"tag":"shared","x":9.0},"examples":[{"x":1.0},{"x":2.0,"tag":{"b64":"/wA="}},{}]}',
    );
    expect(reply.bytes.toString()).toBe('{"results":[2.5,3.0,6.5]}\n');
    expect(serving.calls[0]?.inputs.tag?.data).toEqual([
      Buffer.from("shared"),
      Buffer.from([0xff, 0]),
      Buffer.from("shared"),
    ]);
  });

  test("an integer is no float", async () => {
    const reply = await post(await serveExamples(halvingModel), "regress", {
      signature_name: "predict",
      examples: [{ x: 2 }],
    });
    expect(reply.status).toBe(400);
    expect(errorOf(reply)).toBe(
      "Name: <unknown>, Key: x, Index: 0.  Data types don't match. Data type: int64 but expected type: float",
    );
  });
});

test(":classify gives labels and scores, a label's bytes as they are", async () => {
  const serving = await serveExamples(halvingModel);
  const reply = await post(
    serving,
    "classify",
    '{"signature_name":"classify","examples":[{"x":1.0,"tag":"a\\"é"},{"x":2.0}]}',
  );
  const label = (text: string | Buffer) => Buffer.concat([Buffer.from('["'), Buffer.from(text), Buffer.from('",')]);
  const escaped = Buffer.from([0xff, ...Buffer.from("\\u0000"), 0x80]);
  expect(odd).toEqual(Buffer.from([0xff, 0, 0x80]));
  const expected = Buffer.concat([
    Buffer.from('{"results":[['),
    label('a\\"é'),
    Buffer.from("2.5],"),
    label(escaped),
    Buffer.from("-2.5]],["),
    label(""),
    Buffer.from("3.0],"),
    label(escaped),
    Buffer.from("-3.0]]]}\n"),
  ]);
  expect(reply.bytes).toEqual(expected);
});

describe("requests that cannot be answered", () => {
  const missing = "When method is classify, key 'examples' is expected and was not found";
  test.each([
    ["regress", "", 400, "JSON Parse error: The document is empty"],
    [
      "classify",
      '{"examples":[{"x":1.0]}',
      400,
      "JSON Parse error: Missing a comma or } after an object member. at offset: 21",
    ],
    ["classify", "[1]", 400, "JSON Value: [1] Is not object"],
    [
      "classify",
      '{"signature_name":1,"examples":[]}',
      400,
      /^JSON Value: .* 'signature_name' key must be a string value\.$/,
    ],
    ["classify", "{}", 400, missing],
    ["regress", '{"instances":[1]}', 400, missing],
    ["regress", '{"examples":{}}', 400, "JSON Value: {} Expecting 'examples' value to be an list/array"],
    ["regress", '{"examples":[ ]}', 400, "JSON Value: [] 'examples' value is an empty array"],
    ["regress", '{"examples":[{"x":1.0}, 7]}', 400, "Example must be JSON object but got JSON Number"],
    ["regress", '{"examples":[[]]}', 400, "Example must be JSON object but got JSON Array"],
    ["regress", '{"context":"x","examples":[{}]}', 400, "Example must be JSON object but got JSON String"],
    ["regress", '{"examples":[{"x":null}]}', 400, "Feature: x has element with unexpected JSON type: Null"],
    ["regress", '{"examples":[{"x":[1.0,[2.0]]}]}', 400, "Feature: x has element with unexpected JSON type: Array"],
    ["regress", '{"examples":[{"x":{"y":1}}]}', 400, "Feature: x has element with unexpected JSON type: Object"],
    ["regress", '{"examples":[{"x":{"b64":"!"}}]}', 400, "Unable to base64 decode"],
    ["regress", '{"examples":[{"x":[1,2.0]}]}', 400, "Unexpected element type in feature: x expecting type: int64"],
    ["regress", '{"examples":[{"x":[2.5,true]}]}', 400, "Unexpected element type in feature: x expecting type: float"],
    ["regress", '{"examples":[{"x":["a",1]}]}', 400, "Unexpected element type in feature: x expecting type: bytes"],
    [
      "regress",
      '{"examples":[{"x":9223372036854775808}]}',
      400,
      "Feature: x has uint64_t element. Only int64_t is supported.",
    ],
    [
      "regress",
      '{"examples":[{"x":18446744073709551615}]}',
      400,
      "Feature: x has uint64_t element. Only int64_t is supported.",
    ],
    ["classify", '{"signature_name":"no","examples":[{}]}', 400, "No signature was found with the name: no"],
    [
      "classify",
      '{"signature_name":"predict","examples":[{"x":1.0}]}',
      400,
      /^No classification inputs found in SignatureDef: /,
    ],
    [
      "regress",
      '{"signature_name":"predict","examples":[{"x":[]}]}',
      400,
      "Name: <unknown>, Feature: x (data type: float) is required but could not be found.",
    ],
  ])(":%s of %s", async (verb, body, status, text) => {
    const reply = await post(await serveExamples(halvingModel), verb, body);
    expect(reply.status).toBe(status);
    if (typeof text === "string") expect(errorOf(reply)).toBe(text);
    else expect(errorOf(reply)).toMatch(text);
  });

  test("the JSON is checked before the model is looked for", async () => {
    const serving = await serveExamples(halvingModel);
    expect(errorOf(await post(serving, "regress", "{}", "other"))).toBe(missing);
    const reply = await post(serving, "regress", { examples: [{ x: 1.5 }] }, "other");
    expect([reply.status, errorOf(reply)]).toEqual([404, "Servable not found for request: Latest(other)"]);
  });
});
