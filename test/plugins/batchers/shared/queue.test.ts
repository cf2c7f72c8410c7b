import { expect, test } from "vitest";
import { type Tensor, tensor } from "../../../../core/index.js";
import { heldModel } from "./held-model.js";
import { inner, outcome, wrap } from "./support.js";

const floats = (values: readonly number[]) => tensor("float32", [values.length], Float32Array.from(values));
const signal = new AbortController().signal;

test("outputs of the same names meet in any order, those of others never", async () => {
  const model = heldModel();
  const runs = [
    model.ask([0]),
    model.ask([1], { outputs: ["y", "z"] }),
    model.ask([2], { outputs: ["y", "w"] }),
    model.ask([3], { outputs: ["z", "y"] }),
  ];
  for (let i = 0; i < 3; i++) await model.end();
  await Promise.all(runs);
  expect(model.began().map(({ rows }) => rows)).toEqual([[0], [1, 3], [2]]);
});

test("an input longer or shorter than its shape says is refused alone, and moves nobody's rows", async () => {
  const model = heldModel();
  const first = model.asked([0]);
  const runs = [
    model.asked([1]),
    model.asked([], { inputs: { x: { ...floats([7, 8]), shape: [1] } } }),
    model.asked([], { inputs: { x: { ...floats([9]), shape: [2] } } }),
    model.asked([2]),
  ];
  await model.end();
  await model.end();
  expect(await Promise.all([first, ...runs])).toEqual([
    [0],
    [1],
    'INVALID_ARGUMENT: input "x" of shape [1] takes 1 items, got 2',
    'INVALID_ARGUMENT: input "x" of shape [2] takes 2 items, got 1',
    [2],
  ]);
});

test("those who leave give back their room in the queue, to the last", async () => {
  const model = heldModel({ maxBatchSize: 2, maxEnqueuedBatches: 2 });
  const first = model.asked([0]);
  for (let round = 0; round < 3; round++) {
    const gone = new AbortController();
    const runs = [1, 2, 3, 4].map((value) => model.asked([value], { signal: gone.signal }));
    expect(await model.asked([5])).toMatch(/^UNAVAILABLE/);
    gone.abort();
    expect(await Promise.all(runs)).toEqual(new Array(4).fill("CANCELLED: the request was cancelled"));
  }
  const after = [model.asked([6, 7]), model.asked([8])];
  for (let i = 0; i < 3; i++) await model.end();
  expect(await Promise.all([first, ...after])).toEqual([[0], [6, 7], [8]]);
  expect(model.began().map(({ rows }) => rows)).toEqual([[0], [6, 7], [8]]);
  await model.servable[Symbol.asyncDispose]();
  expect(model.state.disposed).toBe(1);
});

test.each<[string, () => unknown]>([
  [
    "throws",
    () => {
      throw new TypeError("not a function");
    },
  ],
  ["rejects", () => Promise.reject(new TypeError("not a function"))],
  ["rejects with nothing", () => Promise.reject(undefined)],
  ["gives no outputs at all", () => Promise.resolve(undefined)],
  ["gives what is no promise", () => ({ y: floats([1, 2, 3]) })],
  ["gives too few rows", () => Promise.resolve({ y: floats([]) })],
  ["gives a scalar", () => Promise.resolve({ y: { ...floats([1]), shape: [] } })],
  ["gives a hole for an output", () => Promise.resolve({ y: undefined })],
])("a servable that %s fails its batch and does not wedge the queue", async (_, misbehave) => {
  let turn = 0;
  const { servable } = inner(
    (call) => (turn++ % 2 === 0 ? misbehave() : Promise.resolve({ y: call.inputs.x })) as never,
  );
  const wrapped = await wrap(servable, { threads: 1 });
  for (let round = 0; round < 3; round++) {
    const bad = wrapped.run({ signature: "serving_default", inputs: { x: floats([1]) }, signal });
    const end = await Promise.resolve(bad).then(
      () => "answered",
      () => "failed",
    );
    expect(end).toBe("failed");
    const good = wrapped.run({ signature: "serving_default", inputs: { x: floats([2]) }, signal });
    expect((await good).y).toEqual(floats([2]));
  }
});

test("checks of a request that throw fail that request alone", async () => {
  const { servable } = inner(async ({ inputs }) => ({ y: inputs.x as Tensor }));
  const wrapped = await wrap(servable, { threads: 1 });
  const run = (inputs: unknown) => wrapped.run({ signature: "serving_default", inputs: inputs as never, signal });
  const trap = {
    get x(): never {
      throw new RangeError("trapped");
    },
  };
  const good = [run({ x: floats([1]) }), run({ x: floats([2]) })];
  const bad = [trap, { x: undefined }, undefined, null].map((inputs) => outcome(run(inputs)));
  const after = run({ x: floats([3]) });
  expect((await Promise.all(bad)).filter((each) => each === "OK")).toEqual([]);
  expect((await Promise.all([...good, after])).map(({ y }) => y)).toEqual([floats([1]), floats([2]), floats([3])]);
});
