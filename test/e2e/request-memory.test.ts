import { join } from "node:path";
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { Client, credentials } from "@grpc/grpc-js";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createServer, type Server, silentLogger, tensor } from "../../core/index.js";
import { builtins } from "../../plugins/index.js";
import { TensorProtoSchema } from "../../protos/gen/tensorflow/core/framework/tensor_pb.js";
import { PredictRequestSchema, PredictResponseSchema } from "../../protos/gen/tensorflow_serving/apis/predict_pb.js";
import { decodeTensorProto } from "../../protos/tensor/decode.js";
import { encodeTensorProto } from "../../protos/tensor/encode.js";
import { quickstart } from "./support/config.js";

/** Models of one answer, x / 2 + 2, in front of which different things may hold on to what they are given. */
const batching = {
  plain: false,
  batched: { maxBatchSize: 100_000 },
  waiting: { maxBatchSize: 100_000, timeout: "1ms" },
  sharing: { maxBatchSize: 100_000, shareIdenticalRequests: true },
};
const models = Object.keys(batching);
let server: Server;
let client: Client;

beforeAll(async () => {
  const path = join(quickstart, "models/half_plus_two");
  server = await createServer(
    {
      models: Object.fromEntries(models.map((name) => [name, { path, batching: batching[name as "plain"] }])),
      transports: [{ type: "grpc", port: 0 }],
    } as Parameters<typeof createServer>[0],
    { plugins: builtins, log: silentLogger },
  );
  const [address] = await server.start();
  await server.settled;
  client = new Client(`127.0.0.1:${address!.port}`, credentials.createInsecure());
});
afterAll(async () => {
  client.close();
  await server.stop();
});

const pass = (bytes: Buffer) => bytes;

/** Calls with `length` numbers, each other ones than those of any call before; "gone" where the caller left. */
async function ask(model: string, call: number, length: number, content: boolean, leave: boolean): Promise<void> {
  const x = tensor(
    "float32",
    [length],
    Float32Array.from({ length }, (_, i) => (call * 31 + i) % 1021),
  );
  const input = fromBinary(TensorProtoSchema, encodeTensorProto(x, { content }));
  const request = create(PredictRequestSchema, { modelSpec: { name: model }, inputs: { x: input } });
  const bytes = Buffer.from(toBinary(PredictRequestSchema, request));
  const answer = await new Promise<Buffer | undefined>((resolve, reject) => {
    const path = "/tensorflow.serving.PredictionService/Predict";
    const under = client.makeUnaryRequest(path, pass, pass, bytes, (error, response) => {
      if (error && error.code !== 1) reject(error);
      else resolve(response);
    });
    if (leave) setTimeout(() => under.cancel(), call % 5);
  });
  if (!answer) return;
  const { y } = fromBinary(PredictResponseSchema, answer).outputs;
  const got = decodeTensorProto(toBinary(TensorProtoSchema, y!)).data as Float32Array;
  expect(got.length).toBe(length);
  const wrong = got.findIndex((value, i) => value !== x.data[i]! / 2 + 2);
  if (wrong >= 0) throw new Error(`${model}, call ${call}: item ${wrong} is ${got[wrong]}, not of ${x.data[wrong]}`);
}

test("requests of all sizes at once, some of which are left, are each answered from their own memory", async () => {
  let call = 0;
  const caller = async (seed: number) => {
    for (let i = 0; i < 60; i++) {
      const own = call++;
      const length = 1 + ((own * 7919 * (seed + 1)) % [10, 1000, 30_000][own % 3]!);
      await ask(models[own % models.length]!, own, length, own % 2 === 0, own % 7 === 0);
    }
  };
  await Promise.all(Array.from({ length: 12 }, (_, seed) => caller(seed)));
}, 60_000);
