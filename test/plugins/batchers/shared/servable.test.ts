import { expect, test } from "vitest";
import { type Call, internal, type Servable, type Tensor, type Tensors, tensor } from "../../../../core/index.js";
import { checkFactory, fakeClock } from "../../../../core/testing/index.js";
import plugin from "../../../../plugins/batchers/shared/index.js";
import { gate, inner, outcome, settle, wrap } from "./support.js";

const open = new AbortController().signal;
const floats = (values: readonly number[], shape: readonly number[] = [values.length]) =>
  tensor("float32", shape, Float32Array.from(values));
const runOf = (servable: Servable, inputs: Tensors, signal: AbortSignal = open) =>
  servable.run({ signature: "serving_default", inputs, signal });
const ofX = (servable: Servable, values: readonly number[], signal?: AbortSignal) =>
  runOf(servable, { x: floats(values) }, signal);
const echo = async ({ inputs }: Call): Promise<Tensors> => ({ y: inputs.x as Tensor });

/** An echo whose first run waits, so that what comes meanwhile has to queue; with the sizes of all runs. */
function held() {
  const first = gate();
  const sizes: number[] = [];
  const signals: AbortSignal[] = [];
  const made = inner(async (call) => {
    sizes.push(call.inputs.x?.shape[0] ?? -1);
    signals.push(call.signal);
    if (sizes.length === 1) await first.passed;
    return echo(call);
  });
  return { ...made, sizes, signals, go: first.open };
}

const one = { threads: 1 };

test("the factory keeps its promises", async () => {
  for (const factory of plugin.factories) await checkFactory(factory);
});

test.each<[string, Tensors, string]>([
  ["no input", {}, "INVALID_ARGUMENT: Batching Run() must have at least one input tensor"],
  [
    "a scalar",
    { x: floats([1], []) },
    "INVALID_ARGUMENT: Batching Run() input tensors must have at least one dimension",
  ],
  [
    "unequal rows",
    { x: floats([1]), z: floats([1, 2]) },
    "INVALID_ARGUMENT: Batching Run() input tensors must have equal 0th-dimension size",
  ],
  [
    "too many rows",
    { x: floats([1, 2, 3, 4, 5]) },
    "INVALID_ARGUMENT: Task size 5 is larger than maximum input batch size 4",
  ],
])("%s is refused, and the others go on", async (_, inputs, text) => {
  const servable = await wrap(inner(echo).servable, { maxBatchSize: 4 });
  const good = ofX(servable, [1, 2, 3, 4]);
  expect(await outcome(runOf(servable, inputs))).toBe(text);
  expect(await good).toEqual({ y: floats([1, 2, 3, 4]) });
});

test("a signature that cannot be batched runs as it comes, whatever its inputs' first dimensions", async () => {
  const { servable } = inner(echo);
  const unbatched = {
    ...servable,
    signatures: { serving_default: { inputs: {}, outputs: {}, batched: false } },
  } as const;
  const wrapped = await wrap(unbatched, { maxBatchSize: 4, timeout: "1h" });
  const inputs = { x: floats([1, 2, 3, 4, 5]), k: floats([1], []) };
  expect(await runOf(wrapped, inputs)).toEqual({ y: inputs.x });
});

test("a full queue refuses, until there is room again", async () => {
  const { servable, go } = held();
  const wrapped = await wrap(servable, { ...one, maxBatchSize: 2, maxEnqueuedBatches: 2 });
  const runs = [[1], [2, 2], [3]].map((values) => ofX(wrapped, values));
  const fits = ofX(wrapped, [3]);
  expect(await outcome(ofX(wrapped, [4]))).toBe(
    "UNAVAILABLE: The batch scheduling queue to which this task was submitted is full; currently 2 batches enqueued and max_enqueued_batches is 2",
  );
  go();
  await Promise.all([...runs, fits]);
  expect(await outcome(ofX(wrapped, [4]))).toBe("OK");
});

test("outputs that are no rows fail all of the batch", async () => {
  const scalar = await wrap(inner(async () => ({ y: floats([1], []) })).servable);
  expect(await outcome(ofX(scalar, [1]))).toBe("FAILED_PRECONDITION: Batched output tensor has 0 dimensions");
  const short = await wrap(inner(async () => ({ y: floats([1]) })).servable);
  expect(await outcome(ofX(short, [1, 2]))).toBe(
    "FAILED_PRECONDITION: Batched output tensor's 0th dimension does not equal the sum of the 0th dimension sizes of the input tensors",
  );
});

test("an error goes to all requests of its batch and to no other", async () => {
  const first = gate();
  let runs = 0;
  const { servable } = inner(async (call) => {
    if (++runs === 1) await first.passed;
    if (runs === 2) throw internal("broke");
    return echo(call);
  });
  const wrapped = await wrap(servable, { ...one, maxBatchSize: 2 });
  const outcomes = [[1], [2], [3], [4]].map((values) => outcome(ofX(wrapped, values)));
  first.open();
  expect(await Promise.all(outcomes)).toEqual(["OK", "INTERNAL: broke", "INTERNAL: broke", "OK"]);
});

test("while a thread is free nothing waits; what comes meanwhile goes together", async () => {
  const { servable, sizes, go } = held();
  const wrapped = await wrap(servable, one);
  const runs = [[1], [2], [3, 4]].map((values) => ofX(wrapped, values));
  expect(sizes).toEqual([1]);
  go();
  expect(await Promise.all(runs)).toEqual([{ y: floats([1]) }, { y: floats([2]) }, { y: floats([3, 4]) }]);
  expect(sizes).toEqual([1, 3]);
});

test("a batch waits for its timeout, unless it is full", async () => {
  const clock = fakeClock();
  const sizes: number[] = [];
  const { servable } = inner(async (call) => {
    sizes.push(call.inputs.x?.shape[0] ?? -1);
    return echo(call);
  });
  const wrapped = await wrap(servable, { maxBatchSize: 3, timeout: "10ms" }, clock);
  const early = ofX(wrapped, [1]);
  clock.advance(9);
  const late = ofX(wrapped, [2]);
  await settle();
  expect(sizes).toEqual([]);
  clock.advance(1);
  await Promise.all([early, late]);
  expect(sizes).toEqual([2]);
  await Promise.all([ofX(wrapped, [1, 2]), ofX(wrapped, [3])]);
  expect(sizes).toEqual([2, 3]);
});

test("requests of different shapes, outputs or signatures never meet", async () => {
  const { servable, sizes, go } = held();
  const wrapped = await wrap(servable, one);
  const call = (more: Partial<Call>) =>
    wrapped.run({ signature: "serving_default", inputs: { x: floats([1]) }, signal: open, ...more });
  const runs = [
    call({}),
    call({}),
    call({ outputs: ["y"] }),
    call({ signature: "other" }),
    call({ inputs: { x: floats([1, 2], [1, 2]) } }),
    call({ inputs: { x: floats([1, 2], [1, 2]) } }),
  ];
  go();
  const answers = await Promise.all(runs);
  expect(sizes).toEqual([1, 1, 1, 1, 2]);
  expect(answers[5]).toEqual({ y: floats([1, 2], [1, 2]) });
});

test("batches are padded to an allowed size, and the padding is cut off", async () => {
  const sizes: number[] = [];
  const { servable } = inner(async (call) => {
    sizes.push(call.inputs.x?.shape[0] ?? -1);
    return echo(call);
  });
  const wrapped = await wrap(servable, { maxBatchSize: 8, allowedBatchSizes: [1, 4, 8] });
  expect(await ofX(wrapped, [7, 8])).toEqual({ y: floats([7, 8]) });
  expect(await ofX(wrapped, [7])).toEqual({ y: floats([7]) });
  expect(sizes).toEqual([4, 1]);
});

test("inputs of different lengths share a batch where they may be padded", async () => {
  const { servable, sizes, go } = held();
  const wrapped = await wrap(servable, { ...one, padVariableLengthInputs: true });
  const wide = (values: readonly number[]) => runOf(wrapped, { x: floats(values, [1, values.length]) });
  const runs = [wide([0]), wide([1, 2, 3]), wide([4])];
  go();
  const answers = await Promise.all(runs);
  expect(sizes).toEqual([1, 2]);
  expect(answers.slice(1)).toEqual([{ y: floats([1, 2, 3], [1, 3]) }, { y: floats([4, 4, 4], [1, 3]) }]);
});

test("a large request is spread over batches, and the rest of a batch is others'", async () => {
  const { servable, sizes, go } = held();
  const split = { enableLargeBatchSplitting: true, maxBatchSize: 10, maxExecutionBatchSize: 4 };
  const wrapped = await wrap(servable, { ...one, ...split });
  const runs = [[0], [1], [2, 3, 4, 5, 6, 7, 8], [9]].map((values) => ofX(wrapped, values));
  go();
  const answers = await Promise.all(runs);
  expect(sizes).toEqual([1, 4, 4, 1]);
  expect(answers[2]).toEqual({ y: floats([2, 3, 4, 5, 6, 7, 8]) });
  expect(answers[3]).toEqual({ y: floats([9]) });
  expect(await outcome(ofX(wrapped, new Array(11).fill(1)))).toBe(
    "INVALID_ARGUMENT: Task size 11 is larger than maximum input batch size 10",
  );
});

test("when a part of a request fails, its other parts do not run", async () => {
  const sizes: number[] = [];
  const { servable } = inner(async (call) => {
    sizes.push(call.inputs.x?.shape[0] ?? -1);
    throw internal("broke");
  });
  const wrapped = await wrap(servable, { ...one, enableLargeBatchSplitting: true, maxExecutionBatchSize: 2 });
  expect(await outcome(ofX(wrapped, [1, 2, 3, 4, 5]))).toBe("INTERNAL: broke");
  await wrapped[Symbol.asyncDispose]();
  expect(sizes).toEqual([2]);
});

test("who goes while waiting leaves the queue; whose deadline passes there hears so", async () => {
  const { servable, sizes, go } = held();
  const wrapped = await wrap(servable, one);
  const [gone, late] = [new AbortController(), new AbortController()];
  const running = ofX(wrapped, [1]);
  const outcomes = [ofX(wrapped, [2], gone.signal), ofX(wrapped, [3], late.signal), ofX(wrapped, [4])].map(outcome);
  gone.abort();
  late.abort(new DOMException("too late", "TimeoutError"));
  expect(await outcomes[0]).toBe("CANCELLED: the request was cancelled");
  expect(await outcomes[1]).toBe("RESOURCE_EXHAUSTED: Run() timeout exceeded while waiting in batching queue");
  go();
  expect(await outcomes[2]).toBe("OK");
  await running;
  expect(sizes).toEqual([1, 1]);
});

test("a running batch is aborted only when the last of its callers has gone", async () => {
  const { servable, signals, go } = held();
  const clock = fakeClock();
  const wrapped = await wrap(servable, { ...one, timeout: "1ms" }, clock);
  const callers = [new AbortController(), new AbortController()];
  const outcomes = callers.map(({ signal }) => outcome(ofX(wrapped, [1], signal)));
  clock.advance(1);
  await settle();
  expect(signals.map(({ aborted }) => aborted)).toEqual([false]);
  callers[0]?.abort();
  expect(await outcomes[0]).toBe("CANCELLED: the request was cancelled");
  expect(signals[0]?.aborted).toBe(false);
  callers[1]?.abort();
  expect(await outcomes[1]).toBe("CANCELLED: the request was cancelled");
  expect(signals[0]?.aborted).toBe(true);
  go();
});

test("models of one pool share its threads, by turns", async () => {
  const order: string[] = [];
  const first = gate();
  const named = (name: string) =>
    inner(async (call) => {
      order.push(name);
      await first.passed;
      return echo(call);
    }).servable;
  const shared = { ...one, pool: "common", maxBatchSize: 1 };
  const [a, b] = [await wrap(named("a"), shared), await wrap(named("b"), shared)];
  const runs = [ofX(a, [1]), ofX(a, [2]), ofX(a, [3]), ofX(b, [4])];
  await settle();
  expect(order).toEqual(["a"]);
  first.open();
  await Promise.all(runs);
  expect(order).toEqual(["a", "b", "a", "a"]);
});

test("disposal finishes what is queued and what its callers have left, then disposes the inner one, once", async () => {
  const clock = fakeClock();
  const { servable, state, sizes, go } = held();
  const wrapped = await wrap(servable, { ...one, maxBatchSize: 1, timeout: "1h" }, clock);
  const left = new AbortController();
  const abandoned = outcome(ofX(wrapped, [1], left.signal));
  left.abort();
  await abandoned;
  const queued = outcome(ofX(wrapped, [2]));
  const disposal = wrapped[Symbol.asyncDispose]();
  await settle();
  expect(state.disposed).toBe(0);
  go();
  await disposal;
  expect(await queued).toBe("OK");
  expect(sizes).toEqual([1, 1]);
  expect(state.disposed).toBe(1);
});

test("what else the servable can do is passed on", async () => {
  const { servable } = inner(echo);
  const session = async () => ({ tensors: [], metadata: undefined });
  const wrapped = await wrap({ ...servable, runSession: session as never });
  expect(wrapped.engine).toBe("test");
  expect(wrapped.signatures).toBe(servable.signatures);
  expect(await wrapped.runSession?.({} as never)).toEqual({ tensors: [], metadata: undefined });
  expect((await wrap(servable)).runSession).toBeUndefined();
});

test.each([
  [
    { maxBatchSize: 8, allowedBatchSizes: [1, 4] },
    "Last entry in allowedBatchSizes must match maxBatchSize; last entry was 4; expected 8",
  ],
  [
    { maxBatchSize: 8, maxExecutionBatchSize: 4, enableLargeBatchSplitting: true, allowedBatchSizes: [8] },
    "Last entry in allowedBatchSizes must match maxExecutionBatchSize; last entry was 8; expected 4",
  ],
  [{ maxBatchSize: 8, allowedBatchSizes: [8, 8] }, "allowedBatchSizes must be ascending; got 8, 8"],
  [
    { maxBatchSize: 8, maxExecutionBatchSize: 9, enableLargeBatchSplitting: true },
    "maxExecutionBatchSize must not exceed maxBatchSize; got 9 and 8",
  ],
  [
    { maxBatchSize: 8, maxExecutionBatchSize: 4 },
    'maxExecutionBatchSize rules nothing where requests are not split; add "enableLargeBatchSplitting: true", or say maxBatchSize in its place',
  ],
  [
    { lowPriority: { policy: "fillToNextAllowedBatchSize" } },
    "fillToNextAllowedBatchSize fills what would be padding, and without allowedBatchSizes nothing is; add these, or choose another policy",
  ],
  [
    { latencyTarget: "0s" },
    "latencyTarget must be longer than 0s; leave it out, and nothing waits while a thread is free",
  ],
])("options that contradict themselves are refused: %j", async (options, text) => {
  expect(await outcome(wrap(inner(echo).servable, options))).toBe(`FAILED_PRECONDITION: ${text}`);
});
