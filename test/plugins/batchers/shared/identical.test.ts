import { expect, test } from "vitest";
import { strings, tensor } from "../../../../core/index.js";
import { heldModel } from "./held-model.js";

const share = { shareIdenticalRequests: true, maxBatchSize: 8 };

test("what is equal byte by byte and under way at once is run once, and each caller is answered", async () => {
  const model = heldModel(share);
  const runs = [model.asked([1, 2]), model.asked([1, 2]), model.asked([1, 2])];
  await model.end();
  expect(await Promise.all(runs)).toEqual([
    [1, 2],
    [1, 2],
    [1, 2],
  ]);
  expect(model.began().map(({ rows }) => rows)).toEqual([[1, 2]]);
  const later = model.asked([1, 2]);
  await model.end();
  await later;
  expect(model.calls).toHaveLength(2);
});

test("without the option each is run", async () => {
  const model = heldModel();
  const runs = [model.asked([1]), model.asked([1])];
  await model.end();
  await model.end();
  await Promise.all(runs);
  expect(model.began().map(({ rows }) => rows)).toEqual([[1], [1]]);
});

test("what differs in data, shape, type, signature or outputs is not shared", async () => {
  const model = heldModel(share);
  const base = tensor("float32", [1, 2], Float32Array.of(1, 2));
  const different = [
    { inputs: { x: base } },
    { inputs: { x: tensor("float32", [1, 2], Float32Array.of(1, -2)) } },
    { inputs: { x: tensor("float32", [2, 1], Float32Array.of(1, 2)) } },
    { inputs: { x: tensor("int32", [1, 2], new Int32Array(base.data.buffer)) } },
    { inputs: { x: strings(["a"]) } },
    { inputs: { x: strings(["b"]) } },
    { inputs: { x: base }, signature: "other" },
    { inputs: { x: base }, outputs: ["y"] },
    { inputs: { x: base }, outputs: ["z"] },
    // Far more bytes than are looked at before all are compared.
    { inputs: { x: tensor("uint8", [1, 9999], new Uint8Array(9999)) } },
    { inputs: { x: tensor("uint8", [1, 9999], new Uint8Array(9999).fill(1, 5001, 5002)) } },
  ];
  const runs = different.map((more) => model.ask([], more));
  for (let i = 0; i < different.length; i++) await model.end();
  for (const [i, { y }] of (await Promise.all(runs)).entries()) expect(y).toEqual(different[i]?.inputs.x);
});

test("whoever leaves is freed alone; the execution is told when the last has left", async () => {
  const model = heldModel(share);
  const callers = [new AbortController(), new AbortController(), new AbortController()];
  const runs = callers.map(({ signal }) => model.asked([1], { signal }));
  await model.settle();
  callers[0]?.abort();
  expect(await runs[0]).toBe("CANCELLED: the request was cancelled");
  callers[1]?.abort();
  expect(await runs[1]).toBe("CANCELLED: the request was cancelled");
  expect(model.calls[0]?.signal.aborted).toBe(false);
  callers[2]?.abort();
  expect(await runs[2]).toBe("CANCELLED: the request was cancelled");
  expect(model.calls[0]?.signal.aborted).toBe(true);
  // Nobody joins what has been given up.
  const again = model.asked([1]);
  await model.end();
  await model.end();
  expect(await again).toEqual([1]);
});

test("nobody waits for one that is less urgent", async () => {
  const model = heldModel(share);
  const first = model.asked([0]);
  const runs = [
    model.asked([1], { priority: "low", deadline: 100 }),
    model.asked([1], { deadline: 100 }),
    model.asked([1], { deadline: 50 }),
    model.asked([1], { priority: "low", deadline: 100 }),
  ];
  for (let i = 0; i < 3; i++) await model.end();
  expect(await Promise.all([first, ...runs])).toEqual([[0], [1], [1], [1], [1]]);
  expect(model.began().map(({ rows }) => rows)).toEqual([[0], [1, 1, 1]]);
});

test("the deadline of one does not end the execution that another shares", async () => {
  const model = heldModel(share);
  const first = model.asked([0]);
  const gone = new AbortController();
  const runs = [model.asked([1], { deadline: 50, signal: gone.signal }), model.asked([1])];
  gone.abort(new DOMException("late", "TimeoutError"));
  expect(await runs[0]).toMatch(/^DEADLINE_EXCEEDED/);
  await model.end(60);
  await model.end();
  expect(await Promise.all([first, runs[1]])).toEqual([[0], [1]]);
});

test("what fails fails for all who share it", async () => {
  const model = heldModel({ ...share, maxBatchSize: 1 });
  const runs = [model.asked([1, 2]), model.asked([1, 2])];
  const text = "INVALID_ARGUMENT: Task size 2 is larger than maximum input batch size 1";
  expect(await Promise.all(runs)).toEqual([text, text]);
});
