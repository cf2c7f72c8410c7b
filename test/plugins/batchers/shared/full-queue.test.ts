import { status } from "@grpc/grpc-js";
import { strings, type Tensor, type TensorOf, tensor, texts } from "salver";
import { expect, onTestFinished, test } from "vitest";
import { grpcClient } from "../../../e2e/support/grpc-client.js";
import { until } from "../../../support/core-fakes.js";
import { serveRows } from "./rows-server.js";

/** One batch runs, one waits, each of one row; nothing else has room. */
const narrow = { threads: 1, maxBatchSize: 1, maxEnqueuedBatches: 1 };
const full =
  "queue to which this task was submitted is full; currently 1 batches enqueued and max_enqueued_batches is 1";

test("a full queue is UNAVAILABLE over gRPC, and those who got in are answered", async () => {
  const { ports, models } = await serveRows(narrow, [{ type: "grpc", port: 0, host: "127.0.0.1" }]);
  const client = grpcClient(`127.0.0.1:${ports.grpc}`);
  onTestFinished(() => client.close());
  models[0]?.model.hold();
  const refused: { code: number; details: string }[] = [];
  const answered: unknown[] = [];
  const all = Array.from({ length: 5 }, async (_, i) => {
    const inputs = { x: tensor("float32", [1], Float32Array.of(i)), tag: strings([`row ${i}`]) };
    try {
      answered.push((await client.predict({ name: "m", signature: "double" }, inputs)).outputs);
    } catch (error) {
      refused.push(error as never);
    }
  });
  await until(() => refused.length === 3, "three refusals");
  for (const { code, details } of refused) {
    expect([code, details]).toEqual([status.UNAVAILABLE, expect.stringContaining(full)]);
  }
  models[0]?.model.release();
  await Promise.all(all);
  expect(answered).toHaveLength(2);
  for (const { y, echo } of answered as { y: TensorOf<"float32">; echo: Tensor }[]) {
    const [tag = ""] = texts(echo);
    expect([...y.data]).toEqual([2 * Number(tag.slice(4)) + 1]);
  }
});

test("a full queue is 503 with Retry-After over REST, and those who got in are answered", async () => {
  const { ports, models } = await serveRows(narrow, [{ type: "rest", port: 0, host: "127.0.0.1" }]);
  models[0]?.model.hold();
  const refused: Response[] = [];
  const answered: unknown[] = [];
  const all = Array.from({ length: 5 }, async (_, i) => {
    const body = JSON.stringify({ signature_name: "double", inputs: { x: [i], tag: [`row ${i}`] } });
    const reply = await fetch(`http://127.0.0.1:${ports.rest}/v1/models/m:predict`, { method: "POST", body });
    if (reply.ok) answered.push({ i, ...((await reply.json()) as object) });
    else refused.push(reply);
  });
  await until(() => refused.length === 3, "three refusals");
  for (const reply of refused) {
    expect([reply.status, reply.headers.get("retry-after")]).toEqual([503, "1"]);
    expect(await reply.json()).toEqual({ error: expect.stringContaining(full) });
  }
  const told = await fetch(`http://127.0.0.1:${ports.rest}/v1/models/m/batches`);
  expect(await told.json()).toMatchObject({ refused: { UNAVAILABLE: 3 } });
  models[0]?.model.release();
  await Promise.all(all);
  expect(answered).toHaveLength(2);
  for (const each of answered as { i: number }[]) {
    expect(each).toEqual({ i: each.i, outputs: { y: [2 * each.i + 1], echo: [`row ${each.i}`] } });
  }
});
