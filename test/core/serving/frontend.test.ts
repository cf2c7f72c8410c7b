import { type Call, createServer, type RunOptions, ServingError, type Tensors, tensor } from "salver";
import { afterEach, describe, expect, test } from "vitest";
import availability from "../../../plugins/policies/availability-preserving/index.js";
import { fakePlugin, until } from "../../support/core-fakes.js";

const stops: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
});

async function serving(options: { run?: (call: Call) => Promise<Tensors>; inFlight?: number } = {}) {
  const fake = fakePlugin(options.run ? { run: options.run } : {});
  const server = await createServer(
    {
      models: {
        m: {
          source: { type: "scripted", start: [3, 4] },
          servable: "fake",
          versions: "all",
          labels: { stable: 3, gone: 9 },
        },
      },
      transports: [],
      limits: { inFlight: options.inFlight ?? 100 },
    },
    { plugins: [fake.plugin, availability] },
  );
  stops.push(server.stop);
  await server.start();
  await server.settled;
  return { ...fake, server, frontend: server.frontend };
}

const x = tensor("float32", [2], Float32Array.of(1, 2));
const patient = (): RunOptions => ({ signal: new AbortController().signal });

async function failure(action: () => unknown): Promise<ServingError> {
  try {
    await action();
  } catch (error) {
    return error as ServingError;
  }
  throw new Error("nothing was thrown");
}

describe("which version a request means", () => {
  test("the highest, an exact one, a labelled one", async () => {
    const { frontend } = await serving();
    const answer = async (spec: object) => {
      using lease = frontend.lease({ name: "m", ...spec });
      return (await lease.predict("", { x }, patient())).y?.data[0];
    };
    expect(await answer({})).toBe(4n);
    expect(await answer({ version: 3n })).toBe(3n);
    expect(await answer({ label: "stable" })).toBe(3n);
  });

  test.each([
    ["an unknown model", { name: "other" }, "NOT_FOUND", "Servable not found for request: Latest(other)"],
    ["an unknown version", { name: "m", version: 7n }, "NOT_FOUND", "Servable not found for request: Specific(m, 7)"],
    [
      "a label whose version is not loaded",
      { name: "m", label: "gone" },
      "NOT_FOUND",
      "Servable not found for request: Specific(m, 9)",
    ],
    [
      "an unknown label",
      { name: "m", label: "unheard" },
      "INVALID_ARGUMENT",
      "Unrecognized servable version label: unheard",
    ],
    [
      "a name that every object has",
      { name: "constructor" },
      "NOT_FOUND",
      "Servable not found for request: Latest(constructor)",
    ],
  ])("%s is refused", async (_name, spec, code, message) => {
    const { frontend } = await serving();
    expect(await failure(() => frontend.lease(spec))).toMatchObject({ code, message });
  });
});

describe("what a request may hold", () => {
  const y = tensor("string", [1], [new Uint8Array()]);
  test.each<[string, string, Tensors, RunOptions, string, string]>([
    [
      "an unknown signature",
      "other",
      { x },
      patient(),
      "FAILED_PRECONDITION",
      'Serving signature key "other" not found.',
    ],
    [
      "a signature named like a method",
      "toString",
      { x },
      patient(),
      "FAILED_PRECONDITION",
      'Serving signature key "toString" not found.',
    ],
    [
      "a missing input",
      "",
      {},
      patient(),
      "INVALID_ARGUMENT",
      "input size does not match signature: 0!=1 len({}) != len({x}). Sent extra: {}. Missing but required: {x}.",
    ],
    [
      "another name",
      "",
      { y },
      patient(),
      "INVALID_ARGUMENT",
      "Signature input alias: x(feed name: x) not found in request and no default value provided. Inputs expected to be in the request {y}, or default input alias set: ",
    ],
    [
      "an input too many",
      "",
      { x, y },
      patient(),
      "INVALID_ARGUMENT",
      "input size does not match signature: 2!=1 len({x,y}) != len({x}). Sent extra: {y}. Missing but required: {}.",
    ],
    [
      "a wrong type",
      "",
      { x: y },
      patient(),
      "INVALID_ARGUMENT",
      'Expects arg[0] to be float but string is provided (input "x" of signature "serving_default")',
    ],
    [
      "an unknown output",
      "",
      { x },
      { ...patient(), outputs: ["z"] },
      "INVALID_ARGUMENT",
      "output tensor alias not found in signature: z Outputs expected to be in the set {n,y}.",
    ],
    [
      "an output twice",
      "",
      { x },
      { ...patient(), outputs: ["y", "y"] },
      "INVALID_ARGUMENT",
      "duplicate output tensor alias: y",
    ],
  ])("%s is refused", async (_name, signature, inputs, options, code, message) => {
    const { frontend } = await serving();
    using lease = frontend.lease({ name: "m" });
    expect(await failure(() => lease.predict(signature, inputs, options))).toMatchObject({ code, message });
  });

  test("outputs are filtered, also when the servable gives more than asked", async () => {
    const { frontend } = await serving();
    using lease = frontend.lease({ name: "m" });
    expect(Object.keys(await lease.predict("", { x }, { ...patient(), outputs: ["n"] }))).toEqual(["n"]);
  });
});

describe("when a run goes wrong", () => {
  test("a refused shape comes with the signature's", async () => {
    const { frontend } = await serving({
      run: async () => {
        throw new ServingError("INVALID_ARGUMENT", "bad shape");
      },
    });
    using lease = frontend.lease({ name: "m" });
    const square = tensor("float32", [1, 1], Float32Array.of(1));
    expect(await failure(() => lease.predict("", { x: square }, patient()))).toMatchObject({
      message: 'bad shape (input "x" has shape [1,1], the signature says [-1])',
    });
  });

  test("an output of another type than the signature's is the servable's fault", async () => {
    const { frontend } = await serving({ run: async () => ({ y: x, n: x }) });
    using lease = frontend.lease({ name: "m" });
    expect(await failure(() => lease.predict("", { x }, patient()))).toMatchObject({
      code: "INTERNAL",
      message: 'the servable gave float32 as output "y", its signature says int64',
    });
  });

  test("what is internal stays internal", async () => {
    const { frontend } = await serving({
      run: () => {
        throw new Error("secret/path is not readable");
      },
    });
    using lease = frontend.lease({ name: "m" });
    const error = await failure(() => lease.predict("", { x }, patient()));
    expect(error.code).toBe("INTERNAL");
    expect(error.message).not.toContain("secret");
  });

  test.each([
    ["CANCELLED", (controller: AbortController) => controller.abort()],
    ["DEADLINE_EXCEEDED", (controller: AbortController) => controller.abort(new DOMException("late", "TimeoutError"))],
  ])("%s frees the caller at once, and the version stays until the run has ended", async (code, abort) => {
    let end = () => {};
    const { frontend, sources, diary } = await serving({
      run: () => new Promise((resolve) => (end = () => resolve({ y: x, n: x }))),
    });
    const controller = new AbortController();
    const lease = frontend.lease({ name: "m", version: 3n });
    const answer = failure(() => lease.predict("", { x }, { signal: controller.signal }));
    abort(controller);
    expect(await answer).toMatchObject({ code });
    lease[Symbol.dispose]();
    sources.get("m")?.publish(4n);
    await until(() => frontend.status({ name: "m", version: 3n })[0]?.state === "UNLOADING");
    expect(diary).not.toContain("dispose 3");
    end();
    await until(() => diary.includes("dispose 3"));
  });
});

test("more requests than allowed are refused, and let in again when there is room", async () => {
  const { frontend } = await serving({ inFlight: 2 });
  const first = frontend.lease({ name: "m" });
  using _second = frontend.lease({ name: "m" });
  expect(await failure(() => frontend.lease({ name: "m" }))).toMatchObject({ code: "RESOURCE_EXHAUSTED" });
  first[Symbol.dispose]();
  first[Symbol.dispose]();
  using _third = frontend.lease({ name: "m" });
  expect(await failure(() => frontend.lease({ name: "m" }))).toMatchObject({ code: "RESOURCE_EXHAUSTED" });
});

test("status: all versions highest first, one, none", async () => {
  const { frontend } = await serving();
  expect(frontend.status({ name: "m" }).map(({ version }) => version)).toEqual([4n, 3n]);
  expect(frontend.status({ name: "m", version: 3n })).toHaveLength(1);
  expect(await failure(() => frontend.status({ name: "m", version: 5n }))).toMatchObject({
    code: "NOT_FOUND",
    message: "Could not find version 5 of model m",
  });
  expect(await failure(() => frontend.status({ name: "other" }))).toMatchObject({
    message: "Could not find any versions of model other",
  });
});

test("readiness: not before the first loads have settled, not while shutting down", async () => {
  let finish = () => {};
  const fake = fakePlugin({ load: () => new Promise((resolve) => (finish = resolve)) });
  const server = await createServer(
    { models: { m: { source: "scripted", servable: "fake" } }, transports: [] },
    { plugins: [fake.plugin, availability] },
  );
  await server.start();
  expect(server.frontend.readiness()).toEqual({ ready: false, reasons: ["m is not loaded yet"] });
  await until(() => server.frontend.status({ name: "m" })[0]?.state === "LOADING");
  await until(() => {
    finish();
    return server.frontend.readiness().ready;
  });
  await server.stop();
  expect(server.frontend.readiness()).toEqual({ ready: false, reasons: ["the server is shutting down"] });
  expect(fake.diary).toEqual(["load 1", "dispose 1"]);
});
