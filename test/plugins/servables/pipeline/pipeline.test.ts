import { abortError, ServingError, strings, type Tensor, type Tensors, tensor } from "salver";
import { describe, expect, test } from "vitest";
import { until } from "../../../support/core-fakes.js";
import { type Step, stageOf, stepsPlugin } from "./stage.js";

const float = (shape: readonly number[] | null) => ({ dtype: "float32", shape }) as const;
const vector = (...values: readonly number[]) => tensor("float32", [values.length], Float32Array.from(values));

/** y = x + 1, and the version that answered. */
const plus: Step = {
  type: "plus",
  signatures: {
    0: {
      inputs: { x: float([-1]) },
      outputs: { y: float([-1]), v: { dtype: "int64", shape: [] } },
    },
    7: { inputs: { z: float([-1]) }, outputs: { y: float([-1]), v: { dtype: "int64", shape: [] } } },
    8: {
      inputs: { x: { dtype: "int32", shape: [-1] } },
      outputs: { y: float([-1]), v: { dtype: "int64", shape: [] } },
    },
  },
  run: ({ x }, version) => ({
    y: tensor(
      "float32",
      [...(x?.shape ?? [])],
      Float32Array.from(x?.data as Float32Array, (each) => each + 1),
    ),
    v: tensor("int64", [], BigInt64Array.of(version)),
  }),
};

/** sum = a * scale + b, row by row. */
const join: Step = {
  type: "join",
  signatures: {
    0: {
      inputs: { a: float([-1]), b: float([-1]), scale: { ...float([]), optional: true } },
      outputs: { sum: float([-1]) },
    },
  },
  run: ({ a, b, scale }) => {
    const factor = Number(scale?.data[0] ?? 1);
    const other = b?.data as Float32Array;
    return {
      sum: tensor(
        "float32",
        [...(a?.shape ?? [])],
        Float32Array.from(a?.data as Float32Array, (each, i) => each * factor + (other[i] ?? 0)),
      ),
    };
  },
};

/** Rows out of proportion to those that come in. */
const length: Step = {
  type: "length",
  signatures: {
    0: { inputs: { text: { dtype: "string", shape: [-1] } }, outputs: { n: float([1]) } },
  },
  run: ({ text }) => ({ n: vector(text?.data.length ?? 0) }),
};

const models = (more: string) => `models:
  one: { source: scripted, servable: plus }
  two: { source: scripted, servable: plus }
  both: { source: scripted, servable: join }
  count: { source: scripted, servable: length }
${more}`;

const diamond = models(`  rank:
    servable:
      type: pipeline
      steps:
        first: { model: one, inputs: { x: request.x } }
        left:  { model: two, inputs: { x: first.y } }
        right: { model: one, inputs: { x: first.y } }
        sum:   { model: both, inputs: { a: left.y, b: right.y, scale: { constant: 10 } } }
      outputs: { sum: sum.sum, first: first.y, v: right.v }
`);

const plugin = stepsPlugin(plus, join, length);
const stage = (text: string) => stageOf(text, [plugin]);

describe("a pipeline", () => {
  test("runs its steps, joins them, and is a model as any other", async () => {
    const { server, ask, status } = await stage(diamond);
    const { sum, first, v } = await ask("rank", { x: vector(1, 2) });
    expect(sum).toEqual(vector(33, 44));
    expect(first).toEqual(vector(2, 3));
    expect(v?.data).toEqual(BigInt64Array.of(1n));
    expect(status("rank")).toEqual(["1 AVAILABLE OK"]);
    using lease = server.frontend.lease({ name: "rank" });
    expect(lease.signatures).toEqual({
      serving_default: {
        inputs: { x: float([-1]) },
        outputs: { sum: float([-1]), first: float([-1]), v: { dtype: "int64", shape: [] } },
      },
    });
    expect(server.versions().find(({ model }) => model === "rank")).toMatchObject({
      type: "pipeline",
      engine: "4 steps",
    });
    expect(() => server.frontend.batches({ name: "rank" })).toThrow(
      'the model "rank" is never batched: requests are grouped for the models that it calls, one, two, both',
    );
  });

  test("passes tensors on without copying them, and runs independent steps side by side", async () => {
    const seen: unknown[] = [];
    let under = 0;
    let most = 0;
    const slow: Step = {
      ...plus,
      type: "slow",
      run: async ({ x }, version) => {
        seen.push(x);
        most = Math.max(most, ++under);
        await new Promise((resolve) => setTimeout(resolve, 5));
        under--;
        return { y: x as Tensors[string], v: tensor("int64", [], BigInt64Array.of(version)) };
      },
    };
    const text = models(`  a: { source: scripted, servable: slow }
  b: { source: scripted, servable: slow }
  p:
    servable:
      type: pipeline
      steps:
        a: { model: a, inputs: { x: request.x } }
        b: { model: b, inputs: { x: request.x } }
        c: { model: b, inputs: { x: a.y } }
      outputs: { c: c.y, b: b.y }
`);
    const { ask } = await stageOf(text, [plugin, stepsPlugin(slow)]);
    const x = vector(1);
    const { b, c } = await ask("p", { x });
    expect(most).toBe(2);
    expect(seen).toHaveLength(3);
    expect([...seen, b, c].every((each) => each === x)).toBe(true);
  });

  test("runs only what the wanted outputs need", async () => {
    const ran: bigint[] = [];
    const counting: Step = {
      ...join,
      type: "counting",
      run: (inputs, version, call) => {
        ran.push(version);
        return join.run(inputs, version, call);
      },
    };
    const { server } = await stageOf(diamond.replace("servable: join", "servable: counting"), [
      plugin,
      stepsPlugin(counting),
    ]);
    using lease = server.frontend.lease({ name: "rank" });
    const { signal } = new AbortController();
    expect(Object.keys(await lease.predict("", { x: vector(1) }, { signal, outputs: ["first"] }))).toEqual(["first"]);
    expect(ran).toEqual([]);
    await lease.predict("", { x: vector(1) }, { signal, outputs: ["sum"] });
    expect(ran).toEqual([1n]);
  });

  test("steps may differ in rows, and inputs that every step may lack can be left out", async () => {
    const text = models(`  p:
    servable:
      type: pipeline
      steps:
        n: { model: count, inputs: { text: request.text } }
        s: { model: both, inputs: { a: n.n, b: { constant: [1] }, scale: request.scale } }
      outputs: { s: s.sum, text: request.text }
`);
    const { ask } = await stage(text);
    const three = strings(["a", "b", "c"]);
    expect(await ask("p", { text: three })).toEqual({ s: vector(4), text: three });
    expect(await ask("p", { text: three, scale: tensor("float32", [], Float32Array.of(2)) })).toMatchObject({
      s: vector(7),
    });
  });

  test("can be a step of another, which starts when it does", async () => {
    const text = diamond.replace(
      "  one:",
      `  outer:
    servable:
      type: pipeline
      steps: { inner: { model: rank, inputs: { x: request.x } }, more: { model: one, inputs: { x: inner.sum } } }
      outputs: { y: more.y }
  one:`,
    );
    const { ask, status } = await stage(text);
    expect(await ask("outer", { x: vector(1) })).toEqual({ y: vector(34) });
    expect(status("outer")).toEqual(["1 AVAILABLE OK"]);
  });

  test("a failing step gives its code, its name and its model, and ends the others", async () => {
    const ended: string[] = [];
    const failing: Step = {
      ...plus,
      type: "failing",
      run: () => {
        throw new ServingError("RESOURCE_EXHAUSTED", "no room");
      },
    };
    const waiting: Step = {
      ...plus,
      type: "waiting",
      run: (_inputs, _version, { signal }) =>
        new Promise((_, reject) =>
          signal.addEventListener("abort", () => {
            ended.push("aborted");
            reject(abortError(signal));
          }),
        ),
    };
    const text = models(`  bad: { source: scripted, servable: failing }
  long: { source: scripted, servable: waiting }
  p:
    servable:
      type: pipeline
      steps: { bad: { model: bad, inputs: { x: request.x } }, long: { model: long, inputs: { x: request.x } } }
      outputs: { a: long.y, b: bad.y }
`);
    const { ask } = await stageOf(text, [plugin, stepsPlugin(failing, waiting)]);
    await expect(ask("p", { x: vector(1) })).rejects.toMatchObject({
      code: "RESOURCE_EXHAUSTED",
      message: 'step "bad", bad 1: no room',
    });
    expect(ended).toEqual(["aborted"]);
  });

  test("a caller that goes, or whose time is over, ends the steps under way", async () => {
    const deadlines: unknown[] = [];
    let ended = 0;
    const waiting: Step = {
      ...plus,
      type: "waiting",
      run: (_inputs, _version, { signal, deadline }) =>
        new Promise((_, reject) => {
          deadlines.push(deadline);
          signal.addEventListener("abort", () => {
            ended++;
            reject(abortError(signal));
          });
        }),
    };
    const text = models(`  long: { source: scripted, servable: waiting }
  p:
    servable:
      type: pipeline
      steps: { long: { model: long, inputs: { x: request.x } } }
      outputs: { a: long.y }
`);
    const { server } = await stageOf(text, [plugin, stepsPlugin(waiting)]);
    using lease = server.frontend.lease({ name: "p" });
    const stop = new AbortController();
    const under = lease.predict("", { x: vector(1) }, { signal: stop.signal, deadline: 123 });
    await until(() => deadlines.length === 1);
    stop.abort();
    await expect(under).rejects.toMatchObject({ code: "CANCELLED" });
    await until(() => ended === 1);
    expect(deadlines).toEqual([123]);
  });
});

describe("optional steps", () => {
  const text = models(`  flaky: { source: { type: scripted, start: [] }, servable: flaky }
  p:
    servable:
      type: pipeline
      steps:
        maybe:
          model: flaky
          inputs: { x: request.x }
          default: { y: { fill: 5, rows: request.x }, v: { constant: -1 } }
        sum: { model: both, inputs: { a: maybe.y, b: request.x } }
      outputs: { sum: sum.sum, v: maybe.v }
      inputs: { x: { dtype: float32, shape: [-1] } }
`);

  test("an absent model, and a failing one, leave the defaults", async () => {
    let broken = false;
    const flaky: Step = {
      ...plus,
      type: "flaky",
      run: (inputs, version, call) => {
        if (broken) throw new Error("segmentation fault");
        return plus.run(inputs, version, call);
      },
    };
    const { ask, sources, server } = await stageOf(text.replace("constant: -1", "constant: -1, dtype: int64"), [
      plugin,
      stepsPlugin(flaky),
    ]);
    const x = vector(1, 2, 3);
    const minus = tensor("int64", [], BigInt64Array.of(-1n));
    expect(await ask("p", { x })).toEqual({ sum: vector(6, 7, 8), v: minus });
    sources.get("flaky")?.publish(3n);
    await until(() => server.versions().some(({ model, state }) => model === "flaky" && state === "AVAILABLE"));
    expect(await ask("p", { x })).toEqual({ sum: vector(3, 5, 7), v: tensor("int64", [], BigInt64Array.of(3n)) });
    broken = true;
    expect(await ask("p", { x })).toEqual({ sum: vector(6, 7, 8), v: minus });
  });

  test("what the request is at fault for is told, not stood in for", async () => {
    const strict: Step = {
      ...plus,
      type: "flaky",
      run: () => {
        throw new ServingError("INVALID_ARGUMENT", "id 7 at [1] is not in the table");
      },
    };
    const { ask, sources, server } = await stageOf(text.replace("constant: -1", "constant: -1, dtype: int64"), [
      plugin,
      stepsPlugin(strict),
    ]);
    sources.get("flaky")?.publish(3n);
    await until(() => server.versions().some(({ model, state }) => model === "flaky" && state === "AVAILABLE"));
    await expect(ask("p", { x: vector(1, 2) })).rejects.toMatchObject({
      code: "INVALID_ARGUMENT",
      message: expect.stringContaining('step "maybe", flaky 3: id 7 at [1] is not in the table'),
    });
  });

  test("a version whose outputs are of another type than the defaults is held back", async () => {
    const { sources, server, status, ask } = await stageOf(text, [plugin, stepsPlugin({ ...plus, type: "flaky" })]);
    sources.get("flaky")?.publish(1n);
    await until(() => server.versions().some(({ message }) => message.includes("held back")));
    expect(status("flaky")[0]).toMatch(
      /^1 LOADING FAILED_PRECONDITION held back, for the model p could not work with it: salver\.config\.yaml:\d+:\d+ models\.p\.servable\.outputs\.v: the output "v" of the pipeline is float32 \[\] for its clients, and would become int64 \[\]$/,
    );
    expect(await ask("p", { x: vector(1) })).toMatchObject({ sum: vector(6) });
  });
});

describe("tensors of shapes that no signature tells", () => {
  /** It gives what it gets. */
  const open: Step = {
    type: "open",
    signatures: { 0: { inputs: { x: float(null) }, outputs: { y: float(null) } } },
    run: ({ x }) => ({ y: x as Tensor }),
  };
  const wide: Step = {
    type: "wide",
    signatures: { 0: { inputs: { x: float([-1, 2]) }, outputs: { y: float(null) } } },
    run: ({ x }) => ({ y: x as Tensor }),
  };
  const matrix = (shape: readonly number[], ...values: readonly number[]) =>
    tensor("float32", shape, Float32Array.from(values));

  test("are held to the next step's when they are there", async () => {
    const { ask } = await stageOf(
      `models:
  open: { source: scripted, servable: open }
  wide: { source: scripted, servable: wide }
  p:
    servable:
      type: pipeline
      steps:
        first: { model: open, inputs: { x: request.x } }
        then: { model: wide, inputs: { x: first.y } }
      outputs: { y: then.y }
`,
      [stepsPlugin(open, wide)],
    );
    expect(await ask("p", { x: matrix([1, 2], 3, 4) })).toEqual({ y: matrix([1, 2], 3, 4) });
    await expect(ask("p", { x: matrix([1, 3], 3, 4, 5) })).rejects.toMatchObject({
      code: "INVALID_ARGUMENT",
      message: 'step "then", wide 1: input "x" has the shape [1,3], the signature says [-1,2]',
    });
  });

  test("do not keep the model of an optional step from coming later than the pipeline", async () => {
    const { ask, sources, server } = await stageOf(
      `models:
  open: { source: { type: scripted, start: [] }, servable: open }
  p:
    servable:
      type: pipeline
      steps:
        first: { model: open, inputs: { x: request.x }, default: { y: { fill: 7, rows: request.x, shape: [2] } } }
      outputs: { y: first.y }
      inputs: { x: { dtype: float32, shape: [-1, 2] } }
`,
      [stepsPlugin(open)],
    );
    const x = matrix([1, 2], 3, 4);
    expect(await ask("p", { x })).toEqual({ y: matrix([1, 2], 7, 7) });
    sources.get("open")?.publish(1n);
    await until(() => server.versions().some(({ model, state }) => model === "open" && state === "AVAILABLE"));
    expect(await ask("p", { x })).toEqual({ y: x });
  });
});

describe("versions", () => {
  test("a step's version changes under it, and what does not fit is held back", async () => {
    const { ask, sources, status, server } = await stage(diamond);
    const version = async () => (await ask("rank", { x: vector(1) })).v?.data[0];
    sources.get("one")?.publish(2n);
    await until(() =>
      server.versions().some(({ model, version, state }) => `${model} ${version} ${state}` === "one 2 AVAILABLE"),
    );
    expect(await version()).toBe(2n);
    sources.get("one")?.publish(7n);
    await until(() => status("one")[0]?.includes("held back") ?? false);
    expect(status("one")[0]).toBe(
      "7 LOADING FAILED_PRECONDITION held back, for the model rank could not work with it: " +
        'salver.config.yaml:10:40 models.rank.servable.steps.first.inputs.x: one 7 has no input "x" (did you mean "z"?)',
    );
    expect(status("one").slice(1)).toContainEqual("2 AVAILABLE OK");
    expect(await version()).toBe(2n);
    sources.get("one")?.publish(8n);
    await until(() => status("one")[0]?.startsWith("8 LOADING FAILED") ?? false);
    expect(status("one")[0]).toContain('the input "x" of one 8 is int32 [-1]');
    sources.get("one")?.publish(9n);
    await until(() => status("one")[0] === "9 AVAILABLE OK");
    expect(await version()).toBe(9n);
  });

  test("without the version that it needs it cannot be reached, says why, and comes back", async () => {
    const { ask, sources, status, server } = await stage(diamond);
    sources.get("two")?.publish();
    await until(() => status("rank")[0]?.startsWith("1 LOADING") ?? false);
    expect(status("rank")).toEqual([
      "1 LOADING UNAVAILABLE salver.config.yaml:11:18 models.rank.servable.steps.left.model: the model two cannot be reached",
    ]);
    await expect(ask("rank", { x: vector(1) })).rejects.toMatchObject({ code: "NOT_FOUND" });
    expect(server.frontend.readiness().ready).toBe(true);
    sources.get("two")?.publish(1n);
    await until(() => status("rank")[0] === "1 AVAILABLE OK");
    await ask("rank", { x: vector(1) });
  });

  test("another declaration is its next version; the one before answers until then, and for good if it is wrong", async () => {
    const { ask, reload, status } = await stage(diamond);
    await reload(diamond.replace("constant: 10", "constant: 100"));
    await until(() => status("rank").includes("1 END OK"));
    expect(status("rank")).toEqual(["2 AVAILABLE OK", "1 END OK"]);
    expect((await ask("rank", { x: vector(1) })).sum).toEqual(vector(303));
    await reload(diamond.replace("a: left.y", "a: left.w"));
    await until(() => status("rank")[0]?.startsWith("3 LOADING FAILED") ?? false);
    expect(status("rank")[0]).toBe(
      "3 LOADING FAILED_PRECONDITION salver.config.yaml:13:41 models.rank.servable.steps.sum.inputs.a: two 1 has no output " +
        '"w" (did you mean "y"?)',
    );
    expect((await ask("rank", { x: vector(1) })).sum).toEqual(vector(303));
    await reload(diamond);
    await until(() => status("rank")[0] === "4 AVAILABLE OK");
  });

  test("a version that only the next declaration fits goes live with it", async () => {
    const { sources, status, reload, ask } = await stage(diamond);
    sources.get("one")?.publish(7n);
    await until(() => status("one")[0]?.startsWith("7 LOADING FAILED") ?? false);
    await reload(diamond.replaceAll("model: one, inputs: { x:", "model: one, inputs: { z:"));
    await until(() => status("one")[0] === "7 AVAILABLE OK");
    await until(() => status("rank")[0] === "2 AVAILABLE OK");
    await expect(ask("rank", { x: vector(1) })).rejects.toThrow(/step "first", one 7/);
  });
});
