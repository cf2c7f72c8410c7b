import { type Lease, type LoggedRequest, type RequestLogEvent, silentTelemetry, tensor } from "salver";
import { recordingLogger } from "salver/testing";
import { expect, test } from "vitest";
import { createRequestLogging } from "../../../core/serving/request-logging.js";
import { until } from "../../support/core-fakes.js";

const y = tensor("float32", [], Float32Array.of(1));
const signal = new AbortController().signal;
const lease = {
  model: "m",
  version: 1n,
  signatures: {},
  predict: async () => ({ y }),
} as unknown as Lease;

function logging(write: (request: LoggedRequest) => Promise<void>, random = () => 0, samplingRate = 1) {
  const events: RequestLogEvent[] = [];
  const log = recordingLogger();
  const closed: string[] = [];
  const requests = createRequestLogging({
    model: "m",
    sink: {
      write,
      [Symbol.asyncDispose]: async () => {
        closed.push("closed");
      },
    },
    samplingRate,
    random,
    log,
    telemetry: { ...silentTelemetry, requestLogged: (event) => events.push(event) },
  });
  const ask = () => requests.sample(lease).predict("s", {}, { signal });
  return { requests, ask, events, closed, lines: log.lines };
}

test("a request that is not chosen goes by untouched", () => {
  const draws = [0.24, 0.25, 0.9, 0];
  const { requests } = logging(
    async () => {},
    () => draws.shift()!,
    0.25,
  );
  expect([0, 1, 2, 3].map(() => requests.sample(lease) !== lease)).toEqual([true, false, false, true]);
});

test("a rate of 0 chooses none, a rate of 1 all", () => {
  expect(
    logging(
      async () => {},
      () => 0,
      0,
    ).requests.sample(lease),
  ).toBe(lease);
  expect(
    logging(
      async () => {},
      () => 1 - 2 ** -53,
      1,
    ).requests.sample(lease),
  ).not.toBe(lease);
});

test("the answer does not wait for the log; closing does", async () => {
  const written: LoggedRequest[] = [];
  let release = () => {};
  const gate = new Promise<void>((resolve) => {
    release = resolve;
  });
  const { requests, ask, closed, events } = logging(async (request) => {
    await gate;
    written.push(request);
  });
  expect(await ask()).toEqual({ y });
  await ask();
  expect(written).toEqual([]);
  const closing = requests.close();
  release();
  await closing;
  expect(written).toMatchObject([
    { kind: "predict", model: "m", version: 1n, signature: "s", outputFilter: [], outputs: { y }, samplingRate: 1 },
    { kind: "predict" },
  ]);
  expect(closed).toEqual(["closed"]);
  expect(events).toEqual(Array(2).fill({ model: "m", code: "OK" }));
});

test("what comes after closing is answered and not logged", async () => {
  const written: LoggedRequest[] = [];
  const { requests, ask } = logging(async (request) => {
    written.push(request);
  });
  await requests.close();
  expect(await ask()).toEqual({ y });
  expect(written).toEqual([]);
});

test("requests beyond those that may wait are left out, counted and said once", async () => {
  let release = () => {};
  const gate = new Promise<void>((resolve) => {
    release = resolve;
  });
  const { requests, ask, events, lines } = logging(() => gate);
  await ask();
  for (let i = 0; i < 1005; i++) await ask();
  expect(lines.filter(({ level }) => level === "warn")).toHaveLength(1);
  release();
  await requests.close();
  expect(events.filter(({ code }) => code === "OK")).toHaveLength(1001);
  expect(events.filter(({ code }) => code === "RESOURCE_EXHAUSTED")).toHaveLength(5);
  expect(lines.at(-1)?.message).toBe("5 requests were not logged: they came too fast");
});

test("what waits is bounded by its bytes too, but one request may have any size", async () => {
  // A write lasts until the loop's next turn: what is asked within one turn waits together.
  const { requests, events } = logging(() => new Promise((resolve) => setImmediate(resolve)));
  const ask = (mebibytes: number) => {
    const x = tensor("uint8", [mebibytes * 2 ** 20], new Uint8Array(mebibytes * 2 ** 20));
    return requests.sample(lease).predict("s", { x }, { signal });
  };
  await Promise.all([100, 1].map(ask));
  await until(() => events.length === 2);
  await Promise.all([30, 30, 30, 1].map(ask));
  await requests.close();
  const [left, written] = ["RESOURCE_EXHAUSTED", "OK"];
  expect(events.map(({ code }) => code)).toEqual([left, written, left, written, written, written]);
});

test("a log that fails is no matter to the request, and is said once until it works again", async () => {
  const outcomes = [false, false, true, false];
  const { requests, ask, events, lines } = logging(async () => {
    if (!outcomes.shift()) throw new Error("disk full");
  });
  for (let i = 0; i < 4; i++) expect(await ask()).toEqual({ y });
  await requests.close();
  expect(events.map(({ code }) => code)).toEqual(["INTERNAL", "INTERNAL", "OK", "INTERNAL"]);
  expect(lines.map(({ message }) => message)).toEqual(Array(2).fill("requests cannot be logged: disk full"));
});
