import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { create, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import { CLASSIFY_METHOD, defineServable, strings, tensor } from "salver";
import { describe, expect, test } from "vitest";
import {
  type PredictionLog,
  PredictionLogSchema,
} from "../../../protos/gen/tensorflow_serving/apis/prediction_log_pb.js";
import { encodeRecord } from "../../../protos/tfrecord/write.js";
import { emptyModel, realModel, serve, writeWarmup } from "../../support/warmed-model.js";

const recorded = readFile(fileURLToPath(new URL("../../fixtures/warmup/tf_serving_warmup_requests", import.meta.url)));

type Log = NonNullable<MessageInitShape<typeof PredictionLogSchema>["logType"]>;
const record = (logType: Log) => encodeRecord(toBinary(PredictionLogSchema, create(PredictionLogSchema, { logType })));

const example = { features: { feature: { x: { kind: { case: "floatList" as const, value: { value: [1] } } } } } };
const input = { kind: { case: "exampleList" as const, value: { examples: [example, example] } } };
const predicts = (value: object): Log => ({
  case: "predictLog",
  value: { request: { inputs: { x: { dtype: 1, tensorShape: { dim: [{ size: 1n }] }, ...value } } } },
});
const good = () => record(predicts({ floatVal: [4] }));

/** What comes of version 1 of a model with these warm-up requests. */
async function outcome(requests: Uint8Array, warmup: Record<string, unknown> = {}) {
  const path = await emptyModel();
  const file = await writeWarmup(path, requests);
  const served = await serve({ path, servable: "half-plus-two", warmup: { type: "tensorflow", ...warmup } });
  const { state, code, message } = served.status();
  return { state, code, message: message.replaceAll(file, "FILE"), warmups: served.warmups };
}

describe("requests written by TensorFlow", () => {
  test("are run before the version is available, with no word of it in the config", async () => {
    const path = await realModel();
    await writeWarmup(path, await recorded);
    const { status, warmups } = await serve({ path });
    expect(status()).toMatchObject({ state: "AVAILABLE", code: "OK" });
    expect(warmups).toMatchObject([{ model: "m", version: 1n, path: join(path, "1"), records: 4, code: "OK" }]);
  });

  test("are run as often as said, by several threads", async () => {
    const { state, warmups } = await outcome(await recorded, { iterations: 3, threads: 3 });
    expect(state).toBe("AVAILABLE");
    expect(warmups).toMatchObject([{ records: 12, code: "OK" }]);
  });

  test("are not looked at with warmup: false", async () => {
    const path = await emptyModel();
    await writeWarmup(path, Buffer.from("no such file"));
    const { status, warmups } = await serve({ path, servable: "half-plus-two", warmup: false });
    expect(status().state).toBe("AVAILABLE");
    expect(warmups).toEqual([]);
  });
});

test("a version without the file is available, and nothing is told of a warm-up", async () => {
  const { status, warmups } = await serve({ path: await emptyModel(), servable: "half-plus-two" });
  expect(status().state).toBe("AVAILABLE");
  expect(warmups).toEqual([]);
});

test("every kind of request reaches the model", async () => {
  const path = await emptyModel();
  await writeWarmup(
    path,
    Buffer.concat([
      record({ case: "classifyLog", value: { request: { input, modelSpec: { signatureName: "serving_default" } } } }),
      record({
        case: "multiInferenceLog",
        value: { request: { input, tasks: [{ methodName: CLASSIFY_METHOD, modelSpec: { name: "other" } }] } },
      }),
      good(),
    ]),
  );
  const asked: (number | undefined)[] = [];
  const classifier = defineServable({
    type: "classifier",
    inputs: { x: { dtype: "float32", shape: [-1] } },
    outputs: { classes: { dtype: "string", shape: [-1, -1] }, scores: { dtype: "float32", shape: [-1, -1] } },
    run: ({ x }) => {
      const n = x?.data.length ?? 0;
      asked.push(n);
      return { classes: strings(Array(n).fill("a"), [n, 1]), scores: tensor("float32", [n, 1], new Float32Array(n)) };
    },
  });
  const { status, warmups } = await serve({ path, servable: "classifier" }, [classifier]);
  expect(status()).toMatchObject({ state: "AVAILABLE", message: "" });
  expect(asked).toEqual([2, 2, 1]);
  expect(warmups).toMatchObject([{ records: 3 }]);
});

describe("a file that is wrong fails the load", () => {
  test("broken framing, after the records before it were run", async () => {
    const broken = Buffer.concat([good(), good().subarray(0, -1)]);
    expect(await outcome(broken)).toMatchObject({
      state: "END",
      code: "DATA_LOSS",
      message: `truncated record at ${good().length}. Please verify your warmup data is in TFRecord format.`,
      warmups: [{ records: 1, code: "DATA_LOSS" }],
    });
  });

  test("a file of another kind", async () => {
    const { code, message } = await outcome(Buffer.from('{"instances": [1, 2, 3]}'));
    expect({ code, message }).toEqual({
      code: "DATA_LOSS",
      message:
        "corrupted record at 0: the checksum of its length is wrong. Please verify your warmup data is in TFRecord format.",
    });
  });

  test("more records than allowed", async () => {
    const many = Buffer.concat(Array.from({ length: 3 }, good));
    expect(await outcome(many, { maxRecords: 2 })).toMatchObject({
      state: "END",
      code: "INVALID_ARGUMENT",
      message: "Number of warmup records exceeds the maximum (2) at FILE",
      warmups: [{ records: 2 }],
    });
    expect(await outcome(many, { maxRecords: 3 })).toMatchObject({ state: "AVAILABLE" });
  });

  test.each([
    [
      "no PredictionLog",
      encodeRecord(Buffer.from([0x32, 0x05])),
      "malformed protobuf at byte 2: 5 bytes are announced, 0 are left",
    ],
    [
      "a tensor without a shape that fits",
      record(predicts({ tensorContent: new Uint8Array(3) })),
      "tensor parsing error: x: ",
    ],
  ])("%s", async (_what, requests, reason) => {
    const { state, code, message } = await outcome(requests);
    expect({ state, code }).toEqual({ state: "END", code: "INVALID_ARGUMENT" });
    expect(message).toContain(`Failed to parse warmup record: ${reason}`);
    expect(message).toMatch(/ from FILE$/);
  });

  test.each<[number, PredictionLog["logType"]["case"], Uint8Array]>([
    [0, undefined, encodeRecord(new Uint8Array())],
    [5, "sessionRunLog", record({ case: "sessionRunLog", value: {} })],
    [7, "predictStreamedLog", record({ case: "predictStreamedLog", value: {} })],
  ])("log_type %i (%s)", async (type, _name, requests) => {
    expect(await outcome(requests)).toMatchObject({
      state: "END",
      code: "UNIMPLEMENTED",
      message: `Unsupported log_type for warmup: ${type}`,
    });
  });

  test("a request that the model refuses is named", async () => {
    const wrong = record({ case: "predictLog", value: { request: { modelSpec: { signatureName: "other" } } } });
    expect(await outcome(Buffer.concat([good(), wrong, good()]), { threads: 2 })).toMatchObject({
      state: "END",
      code: "FAILED_PRECONDITION",
      message: 'Serving signature key "other" not found. (warm-up record 2 of FILE)',
    });
  });
});
