import http from "node:http";
import { join } from "node:path";
import { create, toBinary } from "@bufbuild/protobuf";
import { strings, type Tensors, tensor } from "salver";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { PredictRequestSchema } from "../../protos/gen/tensorflow_serving/apis/predict_pb.js";
import { quickstart, workFolder, writeConfig } from "./support/config.js";
import { grpcClient, type ModelInit } from "./support/grpc-client.js";
import { request } from "./support/rest-client.js";
import { type Serving, serve } from "./support/salver.js";

let serving: Serving;
let client: ReturnType<typeof grpcClient>;
let folder: Awaited<ReturnType<typeof workFolder>>;

beforeAll(async () => {
  folder = await workFolder();
  const model = (name: string, more = "") => `  ${name}: { path: ${join(quickstart, "models", name)}${more} }\n`;
  const models = model("half_plus_two", ", labels: { stable: 1, gone: 7 }") + model("mnist") + model("deepfm");
  serving = await serve(await writeConfig(folder.path, `models:\n${models}`));
  client = grpcClient(serving.grpc);
}, 60_000);

afterAll(async () => {
  client?.close();
  await serving?.stop();
  await folder?.[Symbol.asyncDispose]();
});

const x = { x: tensor("float32", [1], Float32Array.of(4)) };

// Whatever came before, the next good request is answered.
afterEach(async () => {
  const { outputs } = await client.predict({ name: "half_plus_two" }, x);
  expect(outputs.y?.data[0]).toBe(4);
});

const half: ModelInit = { name: "half_plus_two" };

describe("over gRPC", () => {
  const cases: readonly (readonly [string, ModelInit, Tensors, number, RegExp])[] = [
    ["no model name", { name: "" }, x, 3, /ModelSpec has no name specified/],
    ["unknown model", { name: "other" }, x, 5, /Servable not found for request: Latest\(other\)/],
    ["unknown version", { ...half, version: 9n }, x, 5, /Servable not found for request: Specific\(half_plus_two, 9\)/],
    ["unknown label", { ...half, label: "canary" }, x, 3, /Unrecognized servable version label: canary/],
    ["label of a version that is not there", { ...half, label: "gone" }, x, 5, /Specific\(half_plus_two, 7\)/],
    ["unknown signature", { ...half, signature: "other" }, x, 9, /Serving signature key "other" not found/],
    ["missing input", half, {}, 3, /Missing but required: \{x\}/],
    ["wrong name", half, { z: x.x }, 3, /alias: x.* not found in request.*in the request \{z\}/],
    ["wrong dtype", half, { x: strings(["4"]) }, 3, /Expects arg\[0\] to be float but string is provided \(input "x"/],
    [
      "wrong shape",
      { name: "mnist" },
      { image: tensor("float32", [1, 3, 3], new Float32Array(9)) },
      3,
      /input "image" has shape \[1,3,3\], the signature says \[-1,28,28,1\]/,
    ],
  ];
  test.each(cases)("%s", async (_name, spec, inputs, code, message) => {
    await expect(client.predict(spec, inputs)).rejects.toMatchObject({ code, details: expect.stringMatching(message) });
  });

  test("an output that is not there", async () => {
    await expect(client.predict(half, x, ["z"])).rejects.toMatchObject({
      code: 3,
      details: expect.stringContaining("output tensor alias not found in signature: z"),
    });
  });

  test("an empty message, and every truncation of a good one", async () => {
    const path = "/tensorflow.serving.PredictionService/Predict";
    await expect(client.sendBytes(path, new Uint8Array())).rejects.toMatchObject({
      code: 3,
      details: "Missing ModelSpec",
    });
    const good = toBinary(
      PredictRequestSchema,
      create(PredictRequestSchema, {
        modelSpec: { name: "half_plus_two" },
        inputs: { x: { dtype: 1, tensorShape: { dim: [{ size: 1n }] }, floatVal: [4] } },
      }),
    );
    for (let length = 1; length < good.length; length++) {
      await expect(client.sendBytes(path, good.subarray(0, length))).rejects.toMatchObject({
        code: expect.toBeOneOf([3, 5]),
      });
    }
    await expect(client.sendBytes(path, good)).resolves.toBeDefined();
  });

  test("an unknown method", async () => {
    await expect(
      client.sendBytes("/tensorflow.serving.PredictionService/Guess", new Uint8Array()),
    ).rejects.toMatchObject({ code: 12 });
  });
});

describe("over REST", () => {
  const url = (path: string) => `${serving.rest}/v1/models/${path}`;
  const cases: readonly (readonly [string, string, string, number, RegExp])[] = [
    ["empty body", "half_plus_two:predict", "", 400, /JSON Parse error: The document is empty/],
    ["broken JSON", "half_plus_two:predict", '{"instances": [1.0', 400, /JSON Parse error: .* at offset: \d+/],
    ["neither instances nor inputs", "half_plus_two:predict", "{}", 400, /Missing 'inputs' or 'instances' key/],
    ["unknown model", "other:predict", '{"instances": [1.0]}', 404, /Servable not found for request: Latest\(other\)/],
    [
      "unknown version",
      "half_plus_two/versions/9:predict",
      '{"instances": [1.0]}',
      404,
      /Specific\(half_plus_two, 9\)/,
    ],
    [
      "unknown label",
      "half_plus_two/labels/canary:predict",
      '{"instances": [1.0]}',
      400,
      /Unrecognized servable version label: canary/,
    ],
    [
      "unknown signature",
      "half_plus_two:predict",
      '{"signature_name": "s", "instances": [1.0]}',
      400,
      /Serving signature name: "s" not found in signature def/,
    ],
    ["wrong dtype", "half_plus_two:predict", '{"instances": ["4"]}', 400, /is not of expected type: float/],
    [
      "missing input",
      "deepfm:predict",
      '{"inputs": {"feat_ids": [[1]]}}',
      400,
      /Missing named input: feat_vals in 'inputs' object/,
    ],
    ["ragged", "mnist:predict", '{"instances": [[[1.0], [1.0, 2.0]]]}', 400, /Encountered list at unexpected size: 2/],
    [
      "wrong shape",
      "mnist:predict",
      '{"instances": [[[1.0]]]}',
      400,
      /input .image. has shape \[1,1,1\], the signature says \[-1,28,28,1\]/,
    ],
    ["unknown verb", "half_plus_two:guess", "{}", 400, /Malformed request: POST/],
  ];
  test.each(cases)("%s", async (_name, path, body, status, message) => {
    const reply = await request(url(path), body);
    expect(reply.status).toBe(status);
    expect(reply.body).toEqual({ error: expect.stringMatching(message) });
  });

  test("a body of 100 MB over the limit is refused before it is read", async () => {
    const { status, body, sent } = await sendMegabytes(`${serving.rest}/v1/models/mnist:predict`, 100);
    expect(status).toBe(413);
    expect(body).toMatch(/64 ?MB|64000000|64,000,000/);
    expect(sent).toBeLessThan(100);
  });
});

/** Sends a body piece by piece, without saying how long it will be, until the server answers. */
function sendMegabytes(url: string, megabytes: number): Promise<{ status: number; body: string; sent: number }> {
  return new Promise((resolve, reject) => {
    const piece = Buffer.alloc(1e6, "[1.0,");
    let sent = 0;
    const outgoing = http.request(url, { method: "POST" }, async (reply) => {
      let body = "";
      for await (const chunk of reply) body += chunk;
      resolve({ status: reply.statusCode ?? 0, body, sent });
      outgoing.destroy();
    });
    outgoing.on("error", reject);
    const more = () => {
      if (sent >= megabytes || outgoing.destroyed) return outgoing.end();
      sent++;
      return outgoing.write(piece) ? setImmediate(more) : outgoing.once("drain", more);
    };
    more();
  });
}
