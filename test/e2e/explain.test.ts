import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { quickstart, workFolder, writeConfig } from "./support/config.js";
import { request } from "./support/rest-client.js";
import { type Serving, salver, serve } from "./support/salver.js";

let folder: Awaited<ReturnType<typeof workFolder>>;
let serving: Serving;

beforeAll(async () => {
  folder = await workFolder();
  const path = join(quickstart, "models/half_plus_two");
  const models = `models:\n  batched: { path: ${path}, batching: { maxBatchSize: 4 } }\n  plain: { path: ${path} }\n`;
  serving = await serve(await writeConfig(folder.path, models));
}, 60_000);

afterAll(async () => {
  await serving?.stop();
  await folder?.[Symbol.asyncDispose]();
});

test("the command explains what a running server does", async () => {
  const body = JSON.stringify({ instances: [1, 2, 5, 7] });
  const replies = await Promise.all([1, 2, 3].map(() => request(`${serving.rest}/v1/models/batched:predict`, body)));
  expect(replies.map(({ status }) => status)).toEqual([200, 200, 200]);
  const { code, stdout, stderr } = await salver(["explain", "batched", "--url", serving.rest]);
  expect([code, stderr]).toEqual([0, ""]);
  expect(stdout).toContain("batched 2, serving_default: the last 3 batches, of 3 requests");
  expect(stdout).toContain("  closed   100 % full\n  size     4 rows of 4; 0 % of what runs is padding\n");
});

test("what it cannot explain is one sentence and exit code 1", async () => {
  const { code, stdout, stderr } = await salver(["explain", "plain", "--url", serving.rest]);
  expect([code, stdout]).toEqual([1, ""]);
  expect(stderr).toBe('salver: the model "plain" is not batched; with "batching: {}" in its config it would be\n');
});
