import { copyFile, mkdir, readdir, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fromBinary } from "@bufbuild/protobuf";
import { type LoggedRequest, REGRESS_METHOD, tensor } from "salver";
import { fakeHost } from "salver/testing";
import { describe, expect, test } from "vitest";
import { options } from "../../../plugins/request-logs/tfrecord/options.js";
import { tfrecordLog } from "../../../plugins/request-logs/tfrecord/request-log.js";
import { exampleOf } from "../../../protos/example/encode.js";
import { PredictionLogSchema } from "../../../protos/gen/tensorflow_serving/apis/prediction_log_pb.js";
import { encodePredictionLog } from "../../../protos/serving/encode-log.js";
import { warmupFile } from "../../../protos/serving/warmup-file.js";
import { readRecordFile } from "../../../protos/tfrecord/read.js";
import { emptyModel, realModel, serve, workFolder } from "../../support/warmed-model.js";

const signal = new AbortController().signal;
const x = tensor("float32", [2], Float32Array.of(1, 4));
const y = tensor("float32", [2], Float32Array.of(2.5, 4));
const start = Date.UTC(2024, 1, 29, 23, 59, 59);

const predicted = (timestamp = start): LoggedRequest => ({
  kind: "predict",
  model: "m",
  version: 3n,
  signature: "serving_default",
  inputs: { x },
  outputFilter: ["y"],
  outputs: { y },
  timestamp,
  samplingRate: 0.25,
});

async function logsOf(path: string) {
  const logs = [];
  for await (const record of readRecordFile(path)) logs.push(fromBinary(PredictionLogSchema, record));
  return logs;
}

describe("a PredictionLog", () => {
  const examples = [exampleOf({ x: { kind: "float", values: Float32Array.of(1) } })];
  const common = { model: "m", version: 3n, timestamp: start + 999, samplingRate: 0.25 };
  const read = (logged: LoggedRequest) => fromBinary(PredictionLogSchema, encodePredictionLog(logged));
  const spec = {
    name: "m",
    versionChoice: { case: "version", value: { value: 3n } },
    signatureName: "serving_default",
  };
  const input = { kind: { case: "exampleList", value: { examples: [{ features: { feature: { x: {} } } }] } } };

  test("of Predict", () => {
    const log = read(predicted());
    expect(log.logMetadata).toMatchObject({
      modelSpec: spec,
      samplingConfig: { samplingRate: 0.25 },
      timestampSecs: BigInt(start / 1000),
    });
    expect(log.logType).toMatchObject({
      case: "predictLog",
      value: {
        request: { modelSpec: spec, inputs: { x: { floatVal: [1, 4] } }, outputFilter: ["y"] },
        response: { modelSpec: spec, outputs: { y: { floatVal: [2.5, 4] } } },
      },
    });
  });

  test("of Classify", () => {
    const classes = [[{ label: Buffer.from("a"), score: 0.5 }]];
    const log = read({ ...common, kind: "classify", signature: "serving_default", examples, classes });
    expect(log.logMetadata?.timestampSecs).toBe(BigInt(start / 1000));
    expect(log.logType).toMatchObject({
      case: "classifyLog",
      value: {
        request: { modelSpec: spec, input },
        response: { modelSpec: spec, result: { classifications: [{ classes: [{ label: "a", score: 0.5 }] }] } },
      },
    });
  });

  test("of Regress", () => {
    const values = Float32Array.of(2.5);
    const log = read({ ...common, kind: "regress", signature: "serving_default", examples, values });
    expect(log.logType).toMatchObject({
      case: "regressLog",
      value: { request: { modelSpec: spec, input }, response: { result: { regressions: [{ value: 2.5 }] } } },
    });
  });

  test("of MultiInference", () => {
    const tasks = [{ signature: "", method: REGRESS_METHOD }];
    const results = [{ method: "regress" as const, signature: "serving_default", values: Float32Array.of(2.5) }];
    const log = read({ ...common, kind: "multiInference", tasks, examples, results });
    expect(log.logType).toMatchObject({
      case: "multiInferenceLog",
      value: {
        request: { tasks: [{ modelSpec: { name: "m", signatureName: "" }, methodName: REGRESS_METHOD }], input },
        response: {
          results: [
            { modelSpec: spec, result: { case: "regressionResult", value: { regressions: [{ value: 2.5 }] } } },
          ],
        },
      },
    });
  });
});

describe("files", () => {
  async function logging(chosen: object = {}) {
    const baseDir = await workFolder();
    const log = tfrecordLog(fakeHost({ baseDir }), options.parse({ prefix: "logs/m", ...chosen }));
    return { log, folder: join(baseDir, "logs"), names: async () => (await readdir(join(baseDir, "logs"))).sort() };
  }
  const named = (stamp: string) => `m-${stamp}-${process.pid}.tfrecord`;

  test("none is opened before the first request", async () => {
    const { log, folder } = await logging();
    await log[Symbol.asyncDispose]();
    await expect(readdir(folder)).rejects.toMatchObject({ code: "ENOENT" });
  });

  test("are named by the time of their first request, in UTC", async () => {
    const { log, folder, names } = await logging();
    await log.write(predicted());
    await log.write(predicted(start + 5000));
    await log[Symbol.asyncDispose]();
    expect(await names()).toEqual([named("20240229-235959")]);
    expect(await logsOf(join(folder, named("20240229-235959")))).toHaveLength(2);
  });

  test("are followed by new ones when large enough, also within one second", async () => {
    const { log, folder, names } = await logging({ maxFileSize: "1B" });
    for (let i = 0; i < 3; i++) await log.write(predicted());
    await log[Symbol.asyncDispose]();
    const pid = process.pid;
    const files = [
      `m-20240229-235959-${pid}-1.tfrecord`,
      `m-20240229-235959-${pid}-2.tfrecord`,
      named("20240229-235959"),
    ];
    expect(await names()).toEqual(files);
    for (const name of files) expect(await logsOf(join(folder, name))).toHaveLength(1);
  });

  test("are followed by new ones when old enough", async () => {
    const { log, names } = await logging({ maxFileAge: "1m" });
    for (const later of [0, 59_999, 60_000]) await log.write(predicted(start + later));
    await log[Symbol.asyncDispose]();
    expect(await names()).toEqual([named("20240229-235959"), named("20240301-000059")]);
  });

  test("the oldest go, and nothing else", async () => {
    const { log, folder, names } = await logging({ maxFileSize: "1B", maxFiles: 2 });
    const others = ["m-20200101-000000-1.txt", "m-x.tfrecord", "mm-20200101-000000-1.tfrecord"];
    await mkdir(folder);
    for (const name of [...others, "m-20200101-000000-1.tfrecord"]) await writeFile(join(folder, name), "");
    for (const later of [0, 1000, 2000]) await log.write(predicted(start + later));
    await log[Symbol.asyncDispose]();
    expect(await names()).toEqual([named("20240301-000000"), named("20240301-000001"), ...others].sort());
  });

  test("a folder that cannot be made fails the write, and the next one tries again", async () => {
    const { log, folder, names } = await logging();
    await writeFile(folder, "a file where the folder should be");
    await expect(log.write(predicted())).rejects.toThrow();
    await rm(folder);
    await log.write(predicted());
    await log[Symbol.asyncDispose]();
    expect(await names()).toHaveLength(1);
  });
});

test("what a server has logged warms up the next version", async () => {
  const folder = await workFolder();
  const requestLog = { type: "tfrecord", prefix: join(folder, "log") };
  const examples = [exampleOf({ x: { kind: "float", values: Float32Array.of(8) } })];
  const { server, logged } = await serve({ path: await realModel(), requestLog });
  {
    using lease = server.frontend.lease({ name: "m" });
    expect(await lease.predict("", { x }, { signal })).toEqual({ y });
    expect(await lease.regress("", examples, { signal })).toEqual(Float32Array.of(6));
    await lease.multiInference([{ signature: "", method: REGRESS_METHOD }], examples, { signal });
    await expect(lease.predict("", {}, { signal })).rejects.toMatchObject({ code: "INVALID_ARGUMENT" });
  }
  await server.stop();
  expect(logged).toEqual(Array(3).fill({ model: "m", code: "OK" }));
  const [file = ""] = await readdir(folder);
  const kinds = (await logsOf(join(folder, file))).map(({ logType }) => logType.case);
  expect(kinds).toEqual(["predictLog", "regressLog", "multiInferenceLog"]);

  const path = await realModel();
  const place = warmupFile(join(path, "1"));
  await mkdir(dirname(place), { recursive: true });
  await copyFile(join(folder, file), place);
  const { status, warmups } = await serve({ path });
  expect(status()).toMatchObject({ state: "AVAILABLE", message: "" });
  expect(warmups).toMatchObject([{ records: 3, code: "OK" }]);
});

test("a model that is taken away has its log written and closed", async () => {
  const folder = await workFolder();
  const requestLog = { type: "tfrecord", prefix: join(folder, "log") };
  const { server } = await serve({ path: await emptyModel(), servable: "half-plus-two", requestLog });
  const lease = server.frontend.lease({ name: "m" });
  await server.frontend.reload({});
  await lease.predict("", { x }, { signal });
  lease[Symbol.dispose]();
  await server.stop();
  const [file = ""] = await readdir(folder);
  expect(await logsOf(join(folder, file))).toHaveLength(1);
});
