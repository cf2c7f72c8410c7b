import { type Config, createServer, definePlugin, ServingError, servable, source, tensor } from "salver";
import { afterEach, describe, expect, test } from "vitest";
import { z } from "zod";
import availability from "../../../plugins/policies/availability-preserving/index.js";
import { fakePlugin, until } from "../../support/core-fakes.js";

type Models = Config["models"];

const stops: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
});

/** A second servable type whose check fails on demand, and a source that never sees anything. */
const others = definePlugin({
  name: "others",
  factories: [
    source({
      type: "silent",
      description: "For tests.",
      options: z.strictObject({}),
      example: {},
      create: () => ({
        watch: async function* (signal) {
          await new Promise((resolve) => signal.addEventListener("abort", resolve));
        },
        [Symbol.asyncDispose]: async () => {},
      }),
    }),
    servable({
      type: "other",
      description: "For tests.",
      options: z.strictObject({ wrong: z.boolean().default(false) }),
      example: {},
      check: async ({ wrong }) => (wrong ? [{ option: "wrong", message: "this is wrong" }] : []),
      create: () => () => {
        throw new Error("not made to load");
      },
    }),
  ],
});

const model = (start: readonly number[] = [1], rest: object = {}) => ({
  source: { type: "scripted", start },
  servable: "fake",
  ...rest,
});

type Options = NonNullable<Parameters<typeof fakePlugin>[0]> & { loading?: Config["loading"] };

async function serving(models: Models, { loading = {}, ...behaviour }: Options = {}) {
  const fake = fakePlugin(behaviour);
  const server = await createServer(
    { models, transports: [], loading: { retries: 0, ...loading } },
    { plugins: [fake.plugin, others, availability] },
  );
  stops.push(server.stop);
  await server.start();
  await server.settled;
  return { ...fake, server, frontend: server.frontend };
}

const x = tensor("float32", [1], Float32Array.of(1));
const signal = new AbortController().signal;

async function failure(action: Promise<unknown>): Promise<ServingError> {
  return action.then(
    () => {
      throw new Error("nothing was thrown");
    },
    (error: ServingError) => error,
  );
}

/** A model named `stuck` loads until its load is called off. */
const stuckLoad: Options["load"] = async ({ model: name }, cancelled) => {
  if (name !== "stuck") return;
  await new Promise((_, reject) => cancelled.addEventListener("abort", () => reject(cancelled.reason)));
};

type Frontend = Awaited<ReturnType<typeof serving>>["frontend"];

async function ask(frontend: Frontend, spec: { name: string; label?: string; version?: bigint }): Promise<unknown> {
  using lease = frontend.lease(spec);
  return (await lease.predict("", { x }, { signal })).y?.data[0];
}

/** Everything that can be seen from outside, as text. */
const picture = ({ server, frontend }: Awaited<ReturnType<typeof serving>>) =>
  JSON.stringify(
    [
      frontend.models(),
      frontend.models().map((name) => frontend.status({ name })),
      server.versions().map(({ loadMs: _, ...version }) => version),
      frontend.readiness(),
    ],
    (_key, value) => (typeof value === "bigint" ? String(value) : value),
  );

describe("a valid reload", () => {
  test("adds, drops and repoints under load, and no request fails", async () => {
    const stage = await serving(
      { kept: model([1]), moved: model([1], { labels: { stable: 1 } }), dropped: model() },
      {
        run: async (call, { version }) => {
          await new Promise((resolve) => setTimeout(resolve, 1));
          call.signal.throwIfAborted();
          return { y: tensor("int64", [], BigInt64Array.of(version)), n: tensor("int32", [], Int32Array.of(1)) };
        },
      },
    );
    const { frontend } = stage;
    const failures: unknown[] = [];
    const answers = new Set<unknown>();
    let going = true;
    const drive = async (spec: { name: string; label?: string }) => {
      while (going) {
        await ask(frontend, spec).then(
          (answer) => answers.add(`${spec.name} ${spec.label ?? ""}${answer}`),
          (error) => failures.push(error),
        );
      }
    };
    const clients = [{ name: "kept" }, { name: "moved" }, { name: "moved", label: "stable" }].flatMap((spec) => [
      drive(spec),
      drive(spec),
    ]);
    const held = frontend.lease({ name: "dropped" });

    for (let round = 2; round < 8; round++) {
      await frontend.reload({
        kept: model([1]),
        moved: model([round], { labels: { stable: round } }),
        [`added${round}`]: model([round]),
      });
      expect(await ask(frontend, { name: `added${round}` })).toBe(BigInt(round));
      await until(() => frontend.status({ name: "moved", version: BigInt(round) })[0]?.state === "AVAILABLE");
    }
    await until(() => answers.has("moved 7") && answers.has("moved stable7"));
    going = false;
    await Promise.all(clients);

    expect(failures).toEqual([]);
    expect(frontend.models()).toEqual(["kept", "moved", "added7"]);
    expect(frontend.readiness().ready).toBe(true);
    expect(stage.diary.filter((line) => line === "load 1")).toHaveLength(3);
    // Who held a version of the dropped model still gets an answer.
    expect((await held.predict("", { x }, { signal })).y?.data[0]).toBe(1n);
    held[Symbol.dispose]();
    expect((await failure(ask(frontend, { name: "dropped" }))).message).toBe(
      "Servable not found for request: Latest(dropped)",
    );
    await until(() => frontend.status({ name: "dropped" })[0]?.state === "END");
  });

  test("takes other versions from what its source has seen, and leaves the source alone", async () => {
    const { frontend, sources } = await serving({ m: model([1, 2, 3]) });
    const source = sources.get("m");
    await frontend.reload({ m: model([1, 2, 3], { versions: [1, 2] }) });
    await until(() =>
      frontend.status({ name: "m" }).every(({ version, state }) => (state === "AVAILABLE") === version < 3n),
    );
    expect(await ask(frontend, { name: "m" })).toBe(2n);
    expect(sources.get("m")).toBe(source);
  });

  test("hears the new source only", async () => {
    const { frontend, sources } = await serving({ m: model([1]) });
    const old = sources.get("m");
    await frontend.reload({ m: model([2]) });
    await until(() => frontend.status({ name: "m" })[0]?.state === "AVAILABLE");
    old?.publish(9n);
    sources.get("m")?.publish(3n);
    await until(() => frontend.status({ name: "m", version: 2n })[0]?.state === "END");
    expect(frontend.status({ name: "m" }).map(({ version }) => version)).toEqual([3n, 2n, 1n]);
  });

  test("a version of a number that is loaded is not loaded again from another place", async () => {
    const { frontend, diary, sources } = await serving({ m: model([1]) });
    const old = sources.get("m");
    await frontend.reload({ m: { ...model(), source: { type: "scripted", start: [1, 0] } } });
    expect(sources.get("m")).not.toBe(old);
    sources.get("m")?.publish(1n, 2n);
    await until(() => frontend.status({ name: "m", version: 1n })[0]?.state === "END");
    expect(diary).toEqual(["load 1", "load 2", "dispose 1"]);
  });

  test("other options of the servable are another chance for versions that failed", async () => {
    let broken = true;
    const { frontend } = await serving(
      { m: model([1]) },
      {
        load: async () => {
          if (broken) throw new ServingError("FAILED_PRECONDITION", "too small");
        },
      },
    );
    broken = false;
    await frontend.reload({ m: model([1]) });
    expect(frontend.status({ name: "m" })[0]).toMatchObject({ state: "END", message: "too small" });
    await frontend.reload({ m: model([1], { servable: { type: "fake", size: 2 } }) });
    await until(() => frontend.status({ name: "m" })[0]?.state === "AVAILABLE");
  });

  test("a dropped model can come back while its old version is still in use", async () => {
    const { frontend, diary } = await serving({ m: model() });
    const held = frontend.lease({ name: "m" });
    await frontend.reload({});
    expect(frontend.models()).toEqual([]);
    const back = frontend.reload({ m: model() });
    await until(() => frontend.models().includes("m"));
    expect(diary).toEqual(["load 1"]);
    held[Symbol.dispose]();
    await back;
    expect(diary).toEqual(["load 1", "dispose 1", "load 1"]);
    expect(await ask(frontend, { name: "m" })).toBe(1n);
  });

  test("the promise waits for new models, and names those that could not be loaded; they stay configured", async () => {
    let finish = () => {};
    const { frontend, sources } = await serving(
      { m: model() },
      {
        load: async ({ model: name, version }) => {
          if (name === "slow") await new Promise<void>((resolve) => (finish = resolve));
          if (name.startsWith("bad") && version < 5n) throw new ServingError("DATA_LOSS", "truncated");
        },
      },
    );
    let over = false;
    const reload = failure(
      frontend.reload({ m: model(), slow: model(), bad: model([3]), bad2: model([4]), none: model([]) }),
    );
    void reload.finally(() => (over = true));
    await until(() => frontend.models().includes("bad2") && frontend.status({ name: "bad2" })[0]?.state === "END");
    expect(over).toBe(false);
    expect(frontend.readiness()).toEqual({ ready: true, reasons: [] });
    await until(() => {
      finish();
      return over;
    });
    expect(await reload).toMatchObject({
      code: "UNKNOWN",
      message:
        "2 model(s) did not become available: {{{name: bad version: 3} due to error: DATA_LOSS: truncated}, " +
        "{{name: bad2 version: 4} due to error: DATA_LOSS: truncated}, }",
    });
    expect(frontend.models()).toEqual(["m", "slow", "bad", "bad2", "none"]);
    sources.get("bad")?.publish(5n);
    await until(() => frontend.status({ name: "bad" })[0]?.state === "AVAILABLE");
  });

  test("a model of the start that is dropped before it was seen does not keep the server from being ready", async () => {
    const server = await createServer(
      { models: { m: { source: "silent" } }, transports: [] },
      { plugins: [others, availability] },
    );
    stops.push(server.stop);
    await server.start();
    expect(server.frontend.readiness().ready).toBe(false);
    await server.reload({});
    expect(server.frontend.readiness()).toEqual({ ready: true, reasons: [] });
    await server.settled;
  });
});

describe("an invalid reload changes nothing and says why:", () => {
  const good = model([1, 2], { versions: "all", labels: { stable: 1 } });
  const cases: readonly (readonly [name: string, models: Models, code: string, message: string])[] = [
    [
      "a key that is not known",
      { m: model([1], { lables: {} }) },
      "INVALID_ARGUMENT",
      'config models.m.lables: unknown key (did you mean "labels"?)',
    ],
    [
      "a servable type that is not there",
      { n: { ...model(), servable: "fak" } },
      "INVALID_ARGUMENT",
      'config models.n.servable: no servable "fak" is installed (did you mean "fake"?)',
    ],
    [
      "what a factory refuses",
      { n: { ...model(), servable: { type: "other", wrong: true } } },
      "INVALID_ARGUMENT",
      "config models.n.servable.wrong: this is wrong",
    ],
    [
      "another servable type",
      { m: { ...good, servable: "other" } },
      "INVALID_ARGUMENT",
      "Illegal to change a model's platform. For model m platform was fake and new platform requested is other",
    ],
    [
      "a label on a version that is not there",
      { n: model(), m: { ...good, labels: { stable: 3 } } },
      "FAILED_PRECONDITION",
      "Request to assign label to version 3 of model m, which is not currently available for inference",
    ],
    [
      "models that are no record",
      [] as unknown as Models,
      "INVALID_ARGUMENT",
      "config models: expected record, got []",
    ],
  ];
  test.each(cases)("%s", async (_name, models, code, message) => {
    const stage = await serving({ m: { ...good, labels: {} }, other: model() }, { loading: { labels: "available" } });
    await stage.frontend.reload({ m: good, other: model() });
    const before = picture(stage);
    expect(await failure(stage.frontend.reload(models))).toMatchObject({ code, message });
    expect(picture(stage)).toBe(before);
    expect(await ask(stage.frontend, { name: "m", label: "stable" })).toBe(1n);
    stage.sources.get("other")?.publish(2n);
    await until(() => stage.frontend.status({ name: "other" })[0]?.version === 2n);
  });

  test("a source that cannot be made; the ones already made are disposed", async () => {
    const disposed: string[] = [];
    const fake = fakePlugin();
    const scripted = fake.plugin.factories[0];
    if (scripted?.kind !== "source") throw new Error("not a source");
    const picky = {
      ...fake.plugin,
      factories: [
        {
          ...scripted,
          create: async (host: Parameters<typeof scripted.create>[0], options: unknown) => {
            if (host.id === "unmade") throw new ServingError("UNAVAILABLE", "no such store");
            const source = await scripted.create(host, options);
            return { ...source, [Symbol.asyncDispose]: async () => void disposed.push(host.id) };
          },
        },
        ...fake.plugin.factories.slice(1),
      ],
    };
    const server = await createServer(
      { models: { m: model() }, transports: [] },
      { plugins: [picky, others, availability] },
    );
    stops.push(server.stop);
    await server.start();
    await server.settled;
    const error = await failure(server.reload({ fresh: model(), m: model([5]), unmade: model() }));
    expect(error.message).toBe("no such store");
    expect(disposed.sort()).toEqual(["fresh", "m"]);
    expect(server.frontend.models()).toEqual(["m"]);
    expect(await ask(server.frontend, { name: "m" })).toBe(1n);
  });

  test("positions are those of the file that the models were read from", async () => {
    const { server } = await serving({ m: model() });
    const from = { file: "models.config", locate: () => ({ line: 3, column: 7 }) };
    expect((await failure(server.reload({ m: model([1], { nope: 1 }) }, { from }))).message).toMatch(
      /^models\.config:3:7 models\.m\.nope: unknown key/,
    );
  });
});

test("reloads take turns: the second begins when the first has its models", async () => {
  let finish = () => {};
  const { frontend } = await serving(
    { m: model() },
    {
      load: async ({ model: name }) => {
        if (name === "first") await new Promise<void>((resolve) => (finish = resolve));
      },
    },
  );
  const order: string[] = [];
  const first = frontend.reload({ first: model() }).then(() => order.push("first"));
  const second = frontend.reload({ second: model() }).then(() => order.push("second"));
  await until(() => frontend.models().includes("first"));
  await until(() => frontend.status({ name: "first" })[0]?.state === "LOADING");
  expect(frontend.models()).toEqual(["first"]);
  await until(() => {
    finish();
    return order.length > 0;
  });
  await Promise.all([first, second]);
  expect(order).toEqual(["first", "second"]);
  expect(frontend.models()).toEqual(["second"]);
});

test("a reload that failed lets the next one pass, and so does one whose caller waits no longer", async () => {
  const { frontend } = await serving({ m: model() }, { load: stuckLoad });
  const bad = failure(frontend.reload({ m: model([1], { nope: 1 }) }));
  const caller = new AbortController();
  const stuck = failure(frontend.reload({ stuck: model() }, { signal: caller.signal }));
  const last = frontend.reload({ m: model() });
  expect((await bad).code).toBe("INVALID_ARGUMENT");
  await until(() => frontend.models().includes("stuck"));
  caller.abort();
  expect((await stuck).code).toBe("CANCELLED");
  await last;
  expect(frontend.models()).toEqual(["m"]);
});

test("a server that stops waits for no reload, and takes none", async () => {
  const { server } = await serving({ m: model() }, { load: stuckLoad });
  const stuck = failure(server.reload({ stuck: model() }));
  await until(() => server.frontend.models().includes("stuck"));
  const stopped = server.stop();
  expect(await stuck).toMatchObject({ code: "UNAVAILABLE", message: "the server is shutting down" });
  expect((await failure(server.reload({}))).code).toBe("UNAVAILABLE");
  await stopped;
});

test("models of a reload are completed by who made the server", async () => {
  const fake = fakePlugin();
  const server = await createServer(
    { models: { m: model() }, transports: [] },
    {
      plugins: [fake.plugin, others, availability],
      completeModels: (models) =>
        Object.fromEntries(Object.entries(models).map(([name, each]) => [name, { ...each, versions: "all" as const }])),
    },
  );
  stops.push(server.stop);
  await server.start();
  await server.reload({ n: model([1, 2]) });
  await until(
    () => server.versions().filter(({ model: name, state }) => name === "n" && state === "AVAILABLE").length === 2,
  );
});

describe("labels", () => {
  const versions = "all";
  const text = (version: number) =>
    `Request to assign label to version ${version} of model m, which is not currently available for inference`;

  test("by default any version can be named; a label moves when its new version is there", async () => {
    let finish = () => {};
    const { frontend, sources } = await serving(
      { m: model([1], { versions, labels: { stable: 1, next: 2 } }) },
      {
        load: async ({ version }) => {
          if (version === 2n) await new Promise<void>((resolve) => (finish = resolve));
        },
      },
    );
    expect((await failure(ask(frontend, { name: "m", label: "next" }))).message).toBe(
      "Servable not found for request: Specific(m, 2)",
    );
    await frontend.reload({ m: model([1], { versions, labels: { stable: 2 } }) });
    expect((await failure(ask(frontend, { name: "m", label: "next" }))).message).toBe(
      "Unrecognized servable version label: next",
    );
    sources.get("m")?.publish(1n, 2n);
    expect(await ask(frontend, { name: "m", label: "stable" })).toBe(1n);
    await until(() => {
      finish();
      return frontend.status({ name: "m" })[0]?.state === "AVAILABLE";
    });
    expect(await ask(frontend, { name: "m", label: "stable" })).toBe(2n);
  });

  test("available: none at the start, afterwards for versions that are AVAILABLE", async () => {
    const fake = fakePlugin();
    const config: Config = {
      models: { m: model([1], { labels: { stable: 1 } }) },
      transports: [],
      loading: { labels: "available" },
    };
    const server = await createServer(config, { plugins: [fake.plugin, availability] });
    expect(await failure(server.start())).toMatchObject({ code: "FAILED_PRECONDITION", message: text(1) });
    expect(fake.sources.size).toBe(0);

    const { frontend } = await serving({ m: model([1, 2], { versions }) }, { loading: { labels: "available" } });
    const relabel = (labels: Record<string, number>) => frontend.reload({ m: model([1, 2], { versions, labels }) });
    await relabel({ stable: 1, same: 1, next: 2 });
    expect(await ask(frontend, { name: "m", label: "same" })).toBe(1n);
    expect(await failure(relabel({ stable: 1, next: 3 }))).toMatchObject({
      code: "FAILED_PRECONDITION",
      message: text(3),
    });
    expect(await ask(frontend, { name: "m", label: "next" })).toBe(2n);
    await relabel({ stable: 2 });
    expect(await ask(frontend, { name: "m", label: "stable" })).toBe(2n);
    expect((await failure(ask(frontend, { name: "m", label: "next" }))).code).toBe("INVALID_ARGUMENT");
  });

  test("move-to-available: new ones and those that stay may name any version, those that move may not", async () => {
    const { frontend } = await serving(
      { m: model([1], { versions, labels: { canary: 7 } }) },
      { loading: { labels: "move-to-available" } },
    );
    const relabel = (labels: Record<string, number>) => frontend.reload({ m: model([1], { versions, labels }) });
    await relabel({ canary: 7, fresh: 8 });
    expect(await failure(relabel({ canary: 9, fresh: 8 }))).toMatchObject({
      code: "FAILED_PRECONDITION",
      message: text(9),
    });
    await relabel({ canary: 1 });
    expect(await ask(frontend, { name: "m", label: "canary" })).toBe(1n);
    expect(await failure(relabel({ canary: 7 }))).toMatchObject({ message: text(7) });
    // Dropped first, it is a new one.
    await relabel({});
    await relabel({ canary: 7 });
  });
});
