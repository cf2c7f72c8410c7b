import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type StockServer, stockServer } from "./stock-server.js";

let stock: StockServer;
beforeAll(async () => {
  stock = await stockServer(
    () => "",
    () => ["--rest_api_enable_cors_support", "--rest_api_timeout_in_ms=2000"],
  );
});
afterAll(() => stock?.[Symbol.asyncDispose]());

/** Spaces and line ends between tokens are nobody's business; those inside texts stay. */
const compact = (json: string) => json.replace(/("(?:[^"\\]|\\.)*")|\s+/g, "$1");

async function ask(method: string, path: string, body?: string): Promise<readonly [number, string]> {
  const reply = await fetch(`${stock.rest}${path}`, { method, ...(body !== undefined && { body }) });
  return [reply.status, compact(await reply.text())];
}
/** The error of one item of a list of rows. */
const inRow = (item: string, text: string) =>
  `Failed to process element: ${item} of 'instances' list. Error: INVALID_ARGUMENT: ${text}`;
const error = (text: string) => JSON.stringify({ error: text });
const predict = (model: string, body: string) => ask("POST", `/v1/models/${model}:predict`, body);

describe("what is answered", () => {
  test.each<[string, string, string, string]>([
    ["rows of one input, bare", "half", '{"instances":[1,2.0,-5e0]}', '{"predictions":[2.5,3.0,-0.5]}'],
    ["rows of one input, by name", "half", '{"instances":[{"x":1},{"x":2}]}', '{"predictions":[2.5,3.0]}'],
    ["columns of one input, bare", "half", '{"inputs":[1,2]}', '{"outputs":[2.5,3.0]}'],
    ["columns of one input, by name", "half", '{"inputs":{"x":[1,2]}}', '{"outputs":[2.5,3.0]}'],
    ["a version", "half/versions/1", '{"instances":[1]}', '{"predictions":[2.5]}'],
    ["a version with zeros before it", "half/versions/0001", '{"instances":[1]}', '{"predictions":[2.5]}'],
    ["a label", "half/labels/old", '{"instances":[1]}', '{"predictions":[2.5]}'],
    ["a name with percent signs", "%68alf", '{"instances":[1]}', '{"predictions":[2.5]}'],
    ["numbers that are none", "half", '{"instances":[NaN,Infinity,-Inf]}', '{"predictions":[NaN,Infinity,-Infinity]}'],
    ["a float beyond its range", "half", '{"instances":[1e39,1e-60]}', '{"predictions":[Infinity,2.0]}'],
    ["float's digits", "half", '{"instances":[0.5,0.66666667,19999996]}', '{"predictions":[2.25,2.33333325,1e+07]}'],
    ["a list of nothing", "half", '{"inputs":[]}', '{"outputs":[]}'],
    ["rows of nothing", "half", '{"instances":[[],[]]}', '{"predictions":[[],[]]}'],
    ["a value alone", "half", '{"inputs":2}', '{"outputs":3.0}'],
    ["unknown keys and bytes after the end", "half", '{"a":1,"instances":[2]}}x', '{"predictions":[3.0]}'],
    [
      "integers of 64 bits",
      "int64",
      '{"inputs":[[9007199254740993,-9223372036854775808]]}',
      '{"outputs":{"twice":[[9007199254740993,-9223372036854775808],[9007199254740993,-9223372036854775808]],"y":[[9007199254740993,-9223372036854775808]]}}',
    ],
    [
      "integers of 64 bits without a sign",
      "uint64",
      '{"inputs":[[18446744073709551615,9007199254740993]]}',
      '{"outputs":{"twice":[[18446744073709551615,9007199254740993],[18446744073709551615,9007199254740993]],"y":[[18446744073709551615,9007199254740993]]}}',
    ],
    [
      "texts, base64 and bytes of 0",
      "string",
      '{"inputs":[["a\\u0000b",{"b64":"w6k="}]]}',
      '{"outputs":{"twice":[["a\\u0000b","é"],["a\\u0000b","é"]],"y":[["a\\u0000b","é"]]}}',
    ],
    [
      "several inputs by columns, each of its own size",
      "several",
      '{"inputs":{"x":[1],"count":[2],"flag":[true,false],"text":["a","b","c"]}}',
      '{"outputs":{"echo":["a","b","c"],"scaled":[2.0],"shape":[1],"unflagged":[false,true]}}',
    ],
  ])("%s", async (_what, model, body, answer) => {
    const [status, text] = await predict(model, body);
    expect([status, sorted(text)]).toEqual([200, sorted(answer)]);
  });

  test("an output named *_bytes is base64, whatever it holds; any other text is its bytes as they are", async () => {
    const post = async (body: string) => {
      const reply = await fetch(`${stock.rest}/v1/models/bytes:predict`, { method: "POST", body });
      return [reply.status, compact(Buffer.from(await reply.arrayBuffer()).toString("latin1"))];
    };
    expect(await post('{"instances":[{"b64":"/wCA"},"é"]}')).toEqual([
      200,
      '{"predictions":[{"image_bytes":{"b64":"/wCA"},"text":"\xff\\u0000\x80"},{"image_bytes":{"b64":"w6k="},"text":"\xc3\xa9"}]}',
    ]);
    expect(await post('{"inputs":{"image":[{"b64":"/wCA"},""]}}')).toEqual([
      200,
      '{"outputs":{"image_bytes":[{"b64":"/wCA"},{"b64":""}],"text":["\xff\\u0000\x80",""]}}',
    ]);
  });

  test("classify and regress", async () => {
    expect(await ask("POST", "/v1/models/half:regress", '{"examples":[{"x":1.0},{"x":[2.0]}]}')).toEqual([
      200,
      '{"results":[2.5,3.0]}',
    ]);
    const [status, text] = await ask("POST", "/v1/models/scores:classify", '{"examples":[{"x":[0.0,0.0,0.0,0.0]}]}');
    expect([status, text]).toEqual([200, expect.stringMatching(/^\{"results":\[\[(\["",[-0-9.e]+\],?){3}\]\]\}$/)]);
  });

  test("examples for a model that parses them itself, with a context before each", async () => {
    const body = (signature: string) =>
      `{"signature_name":"${signature}","context":{"x":[1.0],"tag":"c"},"examples":[{},{"x":5.0}]}`;
    expect(await ask("POST", "/v1/models/examples:regress", body("serving_default"))).toEqual([
      200,
      '{"results":[2.5,4.5]}',
    ]);
    expect(await ask("POST", "/v1/models/examples:classify", body("classify"))).toEqual([
      200,
      '{"results":[[["c",2.5],["other",-2.5]],[["c",4.5],["other",-4.5]]]}',
    ]);
  });

  test("a body in gzip, of whatever content type, with or without a length", async () => {
    const url = `${stock.rest}/v1/models/half:predict`;
    const headers = { "Content-Encoding": "gzip", "Content-Type": "text/x-anything" };
    const reply = await fetch(url, { method: "POST", body: gzipSync('{"instances":[2]}'), headers });
    expect([reply.status, reply.headers.get("content-type")]).toEqual([200, "application/json"]);
    expect(compact(await reply.text())).toBe('{"predictions":[3.0]}');
  });

  test("status and metadata as proto3 JSON with defaults", async () => {
    const one = (version: number) =>
      `{"version":"${version}","state":"AVAILABLE","status":{"error_code":"OK","error_message":""}}`;
    expect(await ask("GET", "/v1/models/half")).toEqual([200, `{"model_version_status":[${one(2)},${one(1)}]}`]);
    expect(await ask("GET", "/v1/models/half/versions/1")).toEqual([200, `{"model_version_status":[${one(1)}]}`]);
    expect(await ask("GET", "/v1/models/half/labels/old")).toEqual([
      200,
      `{"model_version_status":[${one(2)},${one(1)}]}`,
    ]);
    const [status, text] = await ask("GET", "/v1/models/half/labels/old/metadata");
    const { model_spec, metadata } = JSON.parse(text);
    expect([status, model_spec]).toEqual([200, { name: "half", signature_name: "", version: "1" }]);
    expect(metadata.signature_def.signature_def.serving_default).toMatchObject({
      inputs: { x: { dtype: "DT_FLOAT", tensor_shape: { dim: [{ size: "-1", name: "" }], unknown_rank: false } } },
      method_name: "tensorflow/serving/predict",
      defaults: {},
    });
  });

  test("other origins are let in by the flag", async () => {
    const headers = { Origin: "https://example.org" };
    const preflight = await fetch(`${stock.rest}/v1/models/half:predict`, { method: "OPTIONS", headers });
    expect([preflight.status, await preflight.text()]).toEqual([200, ""]);
    const reply = await fetch(`${stock.rest}/v1/models/nobody`);
    for (const { headers } of [preflight, reply]) {
      expect(headers.get("access-control-allow-origin")).toBe("*");
      expect(headers.get("access-control-allow-methods")).toBe("POST, GET");
      expect(headers.get("access-control-allow-headers")).toBe("Content-Type");
    }
  });
});

/** Members of objects in no order. */
function sorted(json: string): unknown {
  const exact = json.replace(/(?<=[[,:])(-?(?:Infinity|NaN|\d[\d.e+-]*))/g, '"$1"');
  return JSON.parse(exact);
}

describe("what is refused", () => {
  test.each<[string, string, number, string]>([
    ["GET", "/v1/models/nobody", 404, "Could not find any versions of model nobody"],
    ["GET", "/v1/models/half/versions/7", 404, "Could not find version 7 of model half"],
    ["GET", "/v1/models/nobody/metadata", 404, "Servable not found for request: Latest(nobody)"],
    ["GET", "/v1/models/half/versions/7/metadata", 404, "Servable not found for request: Specific(half, 7)"],
    ["GET", "/v1/models", 400, "Missing model name in request."],
    [
      "GET",
      "/v1/models/half/versions/9223372036854775808",
      400,
      "Failed to convert version: 9223372036854775808 to numeric.",
    ],
    ["GET", "/v1/models/half:predict", 400, "Malformed request: GET /v1/models/half:predict"],
    ["POST", "/v1/models/half", 400, "Malformed request: POST /v1/models/half"],
    ["POST", "/v1/models/half:explain", 400, "Malformed request: POST /v1/models/half:explain"],
    ["POST", "/v1/models/half:Predict", 400, "Malformed request: POST /v1/models/half:Predict"],
    ["POST", "/v1/models/half:predict?x=1", 400, "Malformed request: POST /v1/models/half:predict?x=1"],
    ["POST", "/v1/models/half/version/1:predict", 400, "Malformed request: POST /v1/models/half/version/1:predict"],
    [
      "POST",
      "/v1/models/half/versions/1/labels/old:predict",
      400,
      "Malformed request: POST /v1/models/half/versions/1/labels/old:predict",
    ],
    ["PUT", "/v1/models/half", 400, "Malformed request: PUT /v1/models/half"],
  ])("%s %s", async (method, path, status, text) => {
    expect(await ask(method, path, method === "POST" ? '{"instances":[1]}' : undefined)).toEqual([status, error(text)]);
  });

  test.each<[string, string, number, string]>([
    ["nobody", '{"instances":[1]}', 404, "Servable not found for request: Latest(nobody)"],
    ["half/versions/7", '{"instances":[1]}', 404, "Servable not found for request: Specific(half, 7)"],
    ["half/labels/none", '{"instances":[1]}', 400, "Unrecognized servable version label: none"],
    ["half/labels/gone", '{"instances":[1]}', 404, "Servable not found for request: Specific(half, 9)"],
    ["nobody", "", 400, "JSON Parse error: The document is empty"],
    ["half", '{"instances":[}', 400, "JSON Parse error: Invalid value. at offset: 14"],
    ["half", "[1]", 400, "JSON Value: [1] Is not object"],
    ["half", '{"signature_name":"s","instances":[1]}', 400, 'Serving signature name: "s" not found in signature def'],
    ["half", "{}", 400, "Missing 'inputs' or 'instances' key"],
    ["half", '{"instances":1}', 400, "JSON Value: 1 Expecting 'instances' to be an list/array"],
    ["half", '{"instances":[]}', 400, "JSON Value: [] No values in 'instances' array"],
    ["half", '{"instances":[1,{"x":2}]}', 400, "Expecting value/list but got object at item 1 of input list"],
    ["half", '{"inputs":[null]}', 400, "JSON Value: null Type: Null is not of expected type: float"],
    ["half", '{"inputs":["1"]}', 400, 'JSON Value: "1" Type: String is not of expected type: float'],
    [
      "half",
      '{"signature_name":1,"instances":[1]}',
      400,
      `JSON Value: {"signature_name":1,"instances":[1]} not formatted correctly. 'signature_name' key must be a string value.`,
    ],
    [
      "half",
      '{"inputs":[1],"instances":[1]}',
      400,
      `JSON Value: {"inputs":[1],"instances":[1]} Not formatted correctly expecting only one of 'inputs' or 'instances' keys to exist`,
    ],
    ["half", '{"instances":[{"x":2},1]}', 400, "Expecting object but got list at item 1 of input list"],
    ["half", '{"instances":[1e400]}', 400, "JSON Parse error: Number too big to be stored in double. at offset: 14"],
    ["half", '{"instances":[[1],2]}', 400, inRow("1", "Expecting shape [1] but got: []")],
    ["half", '{"instances":[[1],[2,3]]}', 400, inRow("1", "Expecting tensor size: 1 but got: 2")],
    [
      "half",
      '{"inputs":[[1,2],3]}',
      400,
      "JSON Value: 3 found at incorrect level: 2 in the JSON DOM. Expected at level: 2",
    ],
    ["half", '{"inputs":[1,[2]]}', 400, "Encountered list at unexpected level: 1 expected < 1"],
    ["half", '{"inputs":{"y":[1]}}', 400, "Missing named input: x in 'inputs' object."],
    ["several", '{"inputs":{"x":[1]}}', 400, "Missing named input: count in 'inputs' object."],
    ["half", '{"instances":[{"y":1}]}', 400, inRow("0 key: y", "JSON object: does not have named input: y")],
    [
      "several",
      '{"instances":[{"x":1}]}',
      400,
      `Failed to process element: 0 of 'instances' list. JSON object: {"x":1} keys must be equal to: count,flag,text,x`,
    ],
    [
      "several",
      '{"instances":[{"x":"1","count":1,"flag":true,"text":"a"}]}',
      400,
      inRow("0 key: x", 'JSON Value: "1" Type: String is not of expected type: float'),
    ],
    ["bytes", '{"inputs":[{"b64":"*"}]}', 400, "Unable to base64 decode"],
    ["bytes", '{"inputs":[{"b64":1}]}', 400, 'JSON Value: {"b64":1} not formatted correctly for base64 data'],
    [
      "several",
      '{"instances":[1]}',
      400,
      "instances is a plain list, but expecting list of objects as multiple input tensors required as per tensorinfo_map",
    ],
    [
      "several",
      '{"inputs":[1]}',
      400,
      "inputs is a plain value/list, but expecting an object as multiple input tensors required as per tensorinfo_map",
    ],
    ["int64", '{"inputs":[[1.0,2]]}', 400, "JSON Value: 1.0 Type: Number is not of expected type: int64"],
    [
      "int64",
      '{"inputs":[[9223372036854775808,2]]}',
      400,
      "JSON Value: 9223372036854775808 Type: Number is not of expected type: int64",
    ],
    ["uint64", '{"inputs":[[-1,2]]}', 400, "JSON Value: -1 Type: Number is not of expected type: uint64"],
    ["int32", '{"inputs":[[2147483648,2]]}', 400, "JSON Value: 2147483648 Type: Number is not of expected type: int32"],
    ["bool", '{"inputs":[[1,true]]}', 400, "JSON Value: 1 Type: Number is not of expected type: bool"],
    ["string", '{"inputs":[[1,"a"]]}', 400, "JSON Value: 1 Type: Number is not of expected type: string"],
    ["half_float", '{"inputs":[[1,2]]}', 501, "Conversion of JSON Value: 1 to type: half"],
    [
      "half_float",
      '{"instances":[[1,2]]}',
      400,
      "Failed to process element: 0 of 'instances' list. Error: UNIMPLEMENTED: Conversion of JSON Value: 1 to type: half",
    ],
    ["int64", '{"instances":[[1,2]]}', 400, "Tensor name: twice has inconsistent batch size: 2 expecting: 1"],
    ["int64", '{"inputs":[[1,2],[3]]}', 400, "Encountered list at unexpected size: 1 at level: 1 expected size: 2"],
  ])("%s of %s", async (model, body, status, text) => {
    expect(await predict(model, body)).toEqual([status, error(text)]);
  });

  test.each<[string, string]>([
    ["{}", "When method is classify, key 'examples' is expected and was not found"],
    ['{"examples":1}', "Expecting 'examples' value to be an list/array"],
    ['{"examples":[]}', "'examples' value is an empty array"],
    ['{"examples":[1]}', "Example must be JSON object but got JSON Number"],
    ['{"examples":[{"x":null}]}', "Feature: x has element with unexpected JSON type: Null"],
    ['{"examples":[{"x":[1,2.0]}]}', "Unexpected element type in feature: x expecting type: int64"],
    ['{"examples":[{"x":9223372036854775808}]}', "Feature: x has uint64_t element. Only int64_t is supported."],
    ['{"signature_name":"s","examples":[{"x":1.0}]}', "No signature was found with the name: s"],
  ])("regress of %s", async (body, text) => {
    const [status, reply] = await ask("POST", "/v1/models/half:regress", body);
    expect([status, JSON.parse(reply).error]).toEqual([400, expect.stringContaining(text)]);
  });

  test("an integer is no float to a model that parses examples, and a feature may be missing", async () => {
    const regress = async (example: string) => {
      const [status, text] = await ask("POST", "/v1/models/examples:regress", `{"examples":[${example}]}`);
      return [status, JSON.parse(text).error];
    };
    expect(await regress('{"x":2}')).toEqual([400, expect.stringContaining("Data types don't match")]);
    expect(await regress("{}")).toEqual([
      400,
      expect.stringContaining("Feature: x (data type: float) is required but could not be found."),
    ]);
  });

  test("a run that takes longer than the flag says", async () => {
    const [status, text] = await predict("slow", '{"inputs":{"steps":10000000,"x":1}}');
    expect([status, Object.keys(JSON.parse(text))]).toEqual([504, ["error"]]);
  });

  test("what is no gzip is an empty body", async () => {
    const headers = { "Content-Encoding": "gzip" };
    const reply = await fetch(`${stock.rest}/v1/models/half:predict`, { method: "POST", body: "no gzip", headers });
    expect([reply.status, compact(await reply.text())]).toEqual([
      400,
      error("JSON Parse error: The document is empty"),
    ]);
  });

  test("100,000 levels of lists, closed or not, wherever they stand; the server lives", async () => {
    const open = "[".repeat(100_000);
    const closed = open + "]".repeat(100_000);
    const ofHalf = async (verb: string, body: string) => {
      const [status, text] = await ask("POST", `/v1/models/half:${verb}`, body);
      return [status, JSON.parse(text).error];
    };
    const deep = "lists are nested too deep: a tensor has at most 254 dimensions";
    expect(await ofHalf("predict", `{"instances":${open}`)).toEqual([
      400,
      "JSON Parse error: Invalid value. at offset: 100013",
    ]);
    expect(await ofHalf("predict", `{"instances":${closed}}`)).toEqual([400, inRow("0", deep)]);
    expect(await ofHalf("predict", `{"inputs":${closed}}`)).toEqual([400, deep]);
    expect(await ofHalf("predict", `{"instances":${'{"x":'.repeat(100_000)}`)).toEqual([
      400,
      expect.stringMatching(/^JSON Parse error: .* at offset: 500013$/),
    ]);
    const array = "Example must be JSON object but got JSON Array";
    expect(await ofHalf("regress", `{"examples":${closed}}`)).toEqual([400, array]);
    expect(await ofHalf("classify", `{"context":${closed},"examples":[{}]}`)).toEqual([400, array]);
    expect(await ofHalf("regress", `{"examples":[{"x":${closed}}]}`)).toEqual([
      400,
      "Feature: x has element with unexpected JSON type: Array",
    ]);
    expect(await predict("half", `{"more":${closed},"instances":[2]}`)).toEqual([200, '{"predictions":[3.0]}']);
  });

  test("what does not begin with /v1/ is no JSON", async () => {
    const reply = await fetch(`${stock.rest}/metrics`);
    expect([reply.status, reply.headers.get("content-type")]).toEqual([404, "text/html"]);
  });
});
