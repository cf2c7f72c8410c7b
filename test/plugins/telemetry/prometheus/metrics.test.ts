import { type EventBus, endRequest, newRequest, type RequestEvent, type VersionEvent, type VersionState } from "salver";
import { describe, expect, test } from "vitest";
import { createMetrics } from "../../../../plugins/telemetry/prometheus/metrics.js";
import { samplesOf } from "./samples.js";

function stage() {
  const listeners: ((event: VersionEvent) => void)[] = [];
  const bus: EventBus = {
    publish: (event) => {
      for (const listener of listeners) listener(event);
    },
    subscribe: (listener) => {
      listeners.push(listener);
      return () => {};
    },
  };
  const { telemetry, page } = createMetrics(bus);
  const request = (about: Partial<RequestEvent>) => {
    const event = Object.assign(newRequest("GRPC", "Predict"), about);
    endRequest(telemetry, event, about.code ?? "OK");
  };
  const state = (model: string, version: bigint, to: VersionState) =>
    bus.publish({ model, version, state: to, code: "OK", message: "" });
  const samples = async () => samplesOf(await page.render());
  const names = async (prefix: string) => [...(await samples()).keys()].filter((name) => name.startsWith(prefix));
  return { telemetry, page, request, state, samples, names };
}

describe("label values stay bounded", () => {
  test("a name of a stranger that is too long for one is another's", async () => {
    const { request, names } = stage();
    request({ model: "m".repeat(3000), code: "NOT_FOUND" });
    expect(await names("salver_requests_total")).toEqual([expect.stringContaining('model="other"')]);
  });

  test("of unknown model names the first hundred are told apart; those of models always are", async () => {
    const { request, state, samples, names } = stage();
    for (let i = 0; i < 150; i++) request({ model: `stranger${i}`, code: "NOT_FOUND" });
    state("late", 1n, "START");
    request({ model: "late" });
    request({ model: "stranger7", code: "NOT_FOUND" });
    const all = await samples();
    const count = (model: string, status: string) =>
      all.get(`:tensorflow:serving:request_count{model_name="${model}",status="${status}"}`);
    expect(count("stranger7", "NOT_FOUND")).toBe(2);
    expect(count("other", "NOT_FOUND")).toBe(50);
    expect(count("late", "OK")).toBe(1);
    expect(await names(":tensorflow:serving:request_count")).toHaveLength(102);
    expect(await names("salver_requests_total")).toHaveLength(102);
  });

  test("versions that ended go when ten others have ended after them", async () => {
    const { telemetry, request, state, names } = stage();
    for (let version = 1n; version <= 30n; version++) {
      state("m", version, "AVAILABLE");
      request({ model: "m", version, signature: "s" });
      telemetry.runEnded({ model: "m", version, signature: "s", code: "OK", milliseconds: 1 });
      if (version > 1n) state("m", version, "END");
    }
    const versions = [1, ...Array.from({ length: 10 }, (_, i) => 21 + i)];
    const kept = versions.map((version) => expect.stringContaining(`version="${version}"`));
    expect(await names("salver_request_duration_seconds_count")).toEqual(kept);
    expect(await names("salver_run_duration_seconds_count")).toEqual(kept);
  });

  test("a version that comes back counts on", async () => {
    const { request, state, samples } = stage();
    const label = '{model="m",version="1",signature="s",method="Predict",transport="grpc",code="OK"}';
    for (let version = 1n; version <= 30n; version++) {
      state("m", version, "END");
      state("m", 1n, "AVAILABLE");
      request({ model: "m", version: 1n, signature: "s" });
    }
    expect((await samples()).get(`salver_request_duration_seconds_count${label}`)).toBe(30);
  });

  test("one that comes back after it had gone is shown again", async () => {
    const { telemetry, request, state, samples } = stage();
    const use = () => {
      request({ model: "m", version: 1n, signature: "s" });
      telemetry.runEnded({ model: "m", version: 1n, signature: "s", code: "OK", milliseconds: 1 });
    };
    use();
    for (let version = 1n; version <= 11n; version++) state("m", version, "END");
    state("m", 1n, "AVAILABLE");
    use();
    const all = await samples();
    const version = 'model="m",version="1",signature="s"';
    const request1 = `{${version},method="Predict",transport="grpc",code="OK"}`;
    expect(all.get(`salver_request_duration_seconds_count${request1}`)).toBe(1);
    expect(all.get(`salver_run_duration_seconds_count{${version},code="OK"}`)).toBe(1);
  });

  test("paths of versions are the latest 200", async () => {
    const { telemetry, names } = stage();
    for (let version = 0n; version < 300n; version++) {
      telemetry.loadEnded({ model: "m", version, uri: `/m/${version}`, code: "OK", milliseconds: 3 });
    }
    const kept = await names(":tensorflow:cc:saved_model:load_latency");
    expect(kept).toHaveLength(200);
    expect(kept.at(0)).toContain("/m/100");
  });
});

test("states are counted by model; what has ended is not", async () => {
  const { state, samples } = stage();
  for (const to of ["START", "LOADING", "AVAILABLE"] as const) state("m", 1n, to);
  for (const to of ["START", "LOADING", "AVAILABLE", "UNLOADING"] as const) state("m", 2n, to);
  for (const to of ["START", "LOADING", "END"] as const) state("m", 3n, to);
  const all = await samples();
  const states = ["START", "LOADING", "AVAILABLE", "UNLOADING", "END"];
  expect(states.map((name) => all.get(`salver_models{model="m",state="${name}"}`))).toEqual([0, 0, 1, 1, undefined]);
});

test("examples, warm-ups and the request log have TensorFlow Serving's names and clean ones", async () => {
  const { telemetry, request, samples } = stage();
  request({ method: "Classify", model: "m", examples: 3 });
  request({ method: "MultiInference", model: "m", examples: 5 });
  const warmup = { model: "m", version: 1n, path: "/m/1", milliseconds: 20 };
  telemetry.warmedUp({ ...warmup, records: 7, code: "OK" });
  telemetry.requestLogged({ model: "m", code: "OK" });
  const all = await samples();
  expect(all.get(':tensorflow:serving:request_example_count_total{model="m"}')).toBe(8);
  expect(all.get(':tensorflow:serving:request_example_counts_bucket{model="m",le="2"}')).toBe(0);
  expect(all.get(':tensorflow:serving:request_example_counts_bucket{model="m",le="4"}')).toBe(1);
  expect(all.get(':tensorflow:serving:request_example_counts_sum{model="m"}')).toBe(8);
  expect(all.get(':tensorflow:serving:request_count{model_name="m",status="OK"}')).toBe(1);
  expect(all.get(':tensorflow:serving:model_warmup_latency_sum{model_path="/m/1",status="OK"}')).toBe(20_000);
  expect(all.get(':tensorflow:serving:model_warmup_records_read{model_path="/m/1",status="OK"}')).toBe(7);
  expect(all.get(':tensorflow:serving:request_log_count{model_name="m",status_code="OK"}')).toBe(1);
  expect(all.get('salver_warmup_duration_seconds_sum{model="m",code="OK"}')).toBeCloseTo(0.02);
  expect(all.get('salver_logged_requests_total{model="m",code="OK"}')).toBe(1);
});

test("a key in ML Metadata is a label, and a 0 by TensorFlow Serving's name, until ten others have ended", async () => {
  const { telemetry, state, samples } = stage();
  telemetry.mlmdFound({ model: "m", version: 1n, uuid: "first" });
  telemetry.mlmdFound({ model: "m", version: 1n, uuid: "again" });
  const names = [':tensorflow:serving:mlmd_map{model_name="m",version="1"}', "salver_mlmd_info"];
  const shown = async () => [...(await samples())].filter(([name]) => names.some((each) => name.startsWith(each)));
  expect(await shown()).toEqual([
    [names[0], 0],
    ['salver_mlmd_info{model="m",version="1",uuid="again"}', 1],
  ]);
  for (let version = 1n; version <= 11n; version++) state("m", version, "END");
  expect(await shown()).toEqual([]);
});

test("while a large page is written the event loop has its turns", async () => {
  const { request, state, page } = stage();
  for (let model = 0; model < 2000; model++) {
    state(`m${model}`, 1n, "AVAILABLE");
    request({ model: `m${model}`, version: 1n, signature: "s" });
  }
  let turns = 0;
  let turn = setImmediate(function again() {
    turns++;
    turn = setImmediate(again);
  });
  const text = await page.render();
  clearImmediate(turn);
  expect(text.length).toBeGreaterThan(5e6);
  expect(turns).toBeGreaterThan(3);
});

test("whatever a client calls a model, the page keeps its form", async () => {
  const { request, page } = stage();
  request({ model: 'a"b\\c\nd', code: "NOT_FOUND" });
  expect(await page.render()).toContain(
    '\n:tensorflow:serving:request_count{model_name="a\\"b\\\\c\\nd",status="NOT_FOUND"} 1\n',
  );
});

test("downloads and the cache of remote versions are counted", async () => {
  const { telemetry, samples } = stage();
  const about = { model: "m", version: 1n, uri: "s3://b/m/1/" };
  telemetry.downloaded({ ...about, bytes: 100, done: 150, size: 200 });
  telemetry.downloaded({ ...about, bytes: 50, done: 200, size: 200 });
  telemetry.downloadEnded({ ...about, bytes: 150, code: "OK", milliseconds: 2000 });
  telemetry.cacheSeen({ bytes: 500, versions: 3, evicted: 2 });
  telemetry.cacheSeen({ bytes: 400, versions: 2, evicted: 1 });
  const all = await samples();
  expect(all.get('salver_download_bytes_total{model="m"}')).toBe(150);
  expect(all.get('salver_download_duration_seconds_sum{model="m",code="OK"}')).toBe(2);
  const cache = [...all]
    .filter(([name]) => name.startsWith("salver_cache"))
    .map(([name, value]) => [name.replace("{}", ""), value]);
  expect(cache).toEqual([
    ["salver_cache_bytes", 400],
    ["salver_cache_versions", 2],
    ["salver_cache_evictions_total", 3],
  ]);
});
