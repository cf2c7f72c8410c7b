import { definePlugin, provide, ServingError, silentTelemetry, TelemetryToken, tensor } from "salver";
import { describe, expect, test } from "vitest";
import prometheus from "../../../../plugins/telemetry/prometheus/index.js";
import { fakeServing } from "../../../support/fake-serving.js";
import { samplesOf } from "./samples.js";

const path = "/monitoring/prometheus/metrics";
const x = tensor("float32", [2], Float32Array.of(1, 2));
const plugins = [prometheus];
const body = '{"inputs": [1, 2]}';

async function scrape(url: string): Promise<Map<string, number>> {
  const reply = await fetch(url + path);
  expect(reply.status).toBe(200);
  return samplesOf(await reply.text());
}

describe("TensorFlow Serving's names", () => {
  test("count requests and time those that were answered, by transport", async () => {
    const { grpc, url } = await fakeServing({ plugins });
    await grpc.predict({ name: "m" }, { x });
    await grpc.predict({ name: "m" }, { x });
    await fetch(`${url}/v1/models/m:predict`, { method: "POST", body });
    await fetch(`${url}/v1/models/m`);
    await expect(grpc.predict({ name: "m", signature: "odd" }, { x })).rejects.toThrow();
    await fetch(`${url}/v1/models/m:predict`, { method: "POST", body: "[" });

    const samples = await scrape(url);
    const serving = ":tensorflow:serving:";
    expect(samples.get(`${serving}request_count{model_name="m",status="OK"}`)).toBe(4);
    expect(samples.get(`${serving}request_count{model_name="m",status="FAILED_PRECONDITION"}`)).toBe(1);
    expect(samples.get(`${serving}request_count{model_name="m",status="INVALID_ARGUMENT"}`)).toBe(1);
    const latency = (api: string, entrypoint: string) =>
      `${serving}request_latency_count{model_name="m",API="${api}",entrypoint="${entrypoint}"}`;
    expect(samples.get(latency("Predict", "GRPC"))).toBe(2);
    expect(samples.get(latency("predict", "REST"))).toBe(1);
    expect(samples.get(latency("", "REST"))).toBe(1);
    expect(samples.get(`${serving}runtime_latency_count{model_name="m",API="Predict",runtime="TF1"}`)).toBe(3);
    expect(samples.get(":tensorflow:core:graph_runs{}")).toBe(3);
    expect(samples.get(':tensorflow:cc:saved_model:load_attempt_count{model_path="fake:1",status="success"}')).toBe(1);
  });

  test("leave metadata and status over gRPC uncounted", async () => {
    const { grpc, url } = await fakeServing({ plugins });
    await grpc.metadata({ name: "m" });
    await grpc.status({ name: "m" });
    const names = [...(await scrape(url)).keys()];
    expect(names.filter((name) => name.startsWith(":tensorflow:serving:request"))).toEqual([]);
    expect(names).toContain('salver_requests_total{model="m",method="GetModelStatus",transport="grpc",code="OK"}');
  });

  test("are written as TensorFlow Serving writes them: no help, braces always, its buckets", async () => {
    const { grpc, url } = await fakeServing({ plugins });
    await grpc.predict({ name: "m" }, { x });
    const lines = (await (await fetch(url + path)).text()).split("\n");
    const ours = lines.filter((line) => line.includes(":tensorflow:"));
    expect(ours.filter((line) => line.startsWith("# HELP"))).toEqual([]);
    expect(
      ours.filter((line) => !/^# TYPE \S+ (counter|gauge|histogram)$|^:[\w:]+\{.*\} [\d.e+]+$/.test(line)),
    ).toEqual([]);
    const buckets = lines.filter((line) => line.startsWith(":tensorflow:serving:request_latency_bucket"));
    expect(buckets).toHaveLength(34);
    const limits = buckets.map((line) => /,le="(.+)"\} \d+$/.exec(line)?.[1]);
    expect(limits.slice(0, 6)).toEqual(["10", "18", "32.4", "58.32", "104.976", "188.957"]);
    expect(limits.slice(-2)).toEqual(["1.47476e+09", "+Inf"]);
  });
});

test("clean names have the version, the signature and seconds", async () => {
  const run = async () => {
    throw new ServingError("RESOURCE_EXHAUSTED", "no");
  };
  const { grpc, url } = await fakeServing({ plugins, run });
  await expect(grpc.predict({ name: "m" }, { x })).rejects.toThrow();
  const samples = await scrape(url);
  const version = 'model="m",version="1",signature="serving_default"';
  const request = `${version},method="Predict",transport="grpc",code="RESOURCE_EXHAUSTED"`;
  expect(samples.get(`salver_request_duration_seconds_count{${request}}`)).toBe(1);
  expect(samples.get(`salver_request_duration_seconds_bucket{${request},le="30"}`)).toBe(1);
  expect(samples.get(`salver_request_duration_seconds_sum{${request}}`)).toBeGreaterThan(0);
  expect(samples.get(`salver_run_duration_seconds_count{${version},code="RESOURCE_EXHAUSTED"}`)).toBe(1);
  expect(samples.get('salver_load_duration_seconds_count{model="m",code="OK"}')).toBe(1);
  expect(samples.get('salver_models{model="m",state="AVAILABLE"}')).toBe(1);
  expect(samples.get('salver_models{model="m",state="LOADING"}')).toBe(0);
  expect(samples.get("nodejs_eventloop_lag_seconds")).toBeGreaterThanOrEqual(0);
  expect(samples.get("process_resident_memory_bytes")).toBeGreaterThan(1e6);
});

test("no sample stands twice on the page", async () => {
  const { grpc, url } = await fakeServing({ plugins });
  await grpc.predict({ name: "m" }, { x });
  const lines = (await (await fetch(url + path)).text()).split("\n");
  const names = lines.filter((line) => line !== "" && !line.startsWith("#")).map((line) => line.replace(/ \S+$/, ""));
  expect(new Set(names).size).toBe(names.length);
});

describe("the path", () => {
  test("answers plain text; with a query string it is another path", async () => {
    const { url } = await fakeServing({ plugins });
    expect((await fetch(url + path)).headers.get("content-type")).toBe("text/plain");
    const reply = await fetch(`${url}${path}?a=1`);
    expect(reply.status).toBe(400);
    expect(await reply.text()).toBe(`Unexpected path: ${path}?a=1. Should be ${path}`);
  });

  test("can be another, or none", async () => {
    const moved = await fakeServing({ plugins, rest: { metricsPath: "/metrics" } });
    expect((await fetch(`${moved.url}/metrics`)).status).toBe(200);
    expect((await fetch(moved.url + path)).status).toBe(404);
    const off = await fakeServing({ plugins, rest: { metricsPath: false } });
    expect((await fetch(off.url + path)).status).toBe(404);
  });

  test("is not served without a plugin that has a page", async () => {
    const { url } = await fakeServing({});
    expect((await fetch(url + path)).status).toBe(404);
  });
});

test("a later plugin's telemetry takes the place of this one", async () => {
  let heard = 0;
  const telemetry = { ...silentTelemetry, requestEnded: () => void heard++ };
  const other = definePlugin({ name: "other", factories: [], providers: [provide(TelemetryToken, () => telemetry)] });
  const { grpc, url } = await fakeServing({ plugins: [prometheus, other] });
  await grpc.predict({ name: "m" }, { x });
  expect(heard).toBe(1);
  expect([...(await scrape(url)).keys()].filter((name) => name.includes("salver_request"))).toEqual([]);
});
