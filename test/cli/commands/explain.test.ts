import { createServer as createHttpServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { createServer, tensor } from "salver";
import { builtins } from "salver/plugins";
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from "vitest";
import { main } from "../../../cli/main.js";
import { quickstart } from "../../e2e/support/config.js";

const path = join(quickstart, "models/half_plus_two/1");
let server: Awaited<ReturnType<typeof createServer>>;
let url: string;

beforeAll(async () => {
  const batching = { maxBatchSize: 8, allowedBatchSizes: [4, 8], timeout: "20ms", pool: "explained" };
  server = await createServer(
    {
      models: {
        m: { path, batching, warmup: false },
        quiet: { path, batching, warmup: false },
        plain: { path, warmup: false },
      },
      transports: [{ type: "rest", port: 0, host: "127.0.0.1" }],
    },
    { plugins: builtins },
  );
  const [rest] = await server.start();
  await server.settled;
  url = `http://127.0.0.1:${rest?.port}`;
  const ask = async (name: string, rows: number) => {
    using lease = server.frontend.lease({ name });
    const x = tensor("float32", [rows], new Float32Array(rows));
    await lease.predict("", { x }, { signal: new AbortController().signal });
  };
  // Three rows wait together and are padded to four; eight fill a batch at once; a model without batching has none.
  await Promise.all([ask("m", 1), ask("m", 1), ask("m", 1)]);
  await ask("m", 8);
  await ask("plain", 1);
}, 30_000);

afterAll(() => server.stop());

/** Runs the command in this process. */
async function salver(...args: readonly string[]) {
  const out = vi.spyOn(process.stdout, "write").mockReturnValue(true);
  const err = vi.spyOn(process.stderr, "write").mockReturnValue(true);
  const written = (to: typeof out) => to.mock.calls.map(([text]) => text).join("");
  try {
    await main(["node", "salver", ...args]);
    return { code: process.exitCode ?? 0, stdout: written(out), stderr: written(err) };
  } finally {
    out.mockRestore();
    err.mockRestore();
    process.exitCode = undefined;
  }
}

test("the batches of a model are explained in words, then shown", async () => {
  const { code, stdout } = await salver("explain", "m", "--url", url);
  expect(code).toBe(0);
  expect(stdout).toMatch(/^m 1, serving_default: the last 2 batches, of 4 requests, from .* to .* ago\n/);
  expect(stdout).toMatch(/^ {2}closed {3}50 % (full, 50 % timeout|timeout, 50 % full)$/m);
  expect(stdout).toMatch(/^ {2}size {5}5.5 rows of 8; 8 % of what runs is padding$/m);
  expect(stdout).toMatch(/^ {2}time {5}a request waits .* and runs .*: \d+ % of it is waiting$/m);
  expect(stdout).toMatch(/^ {2}→ 50 % /m);
  const [, table = ""] = stdout.split("The last 2 batches, the newest first:\n");
  const rows = table.trim().split("\n").slice(2);
  expect(rows.map((row) => row.split(/ {2,}/).slice(1, 8))).toEqual([
    ["1", "serving_default", "full", "normal", "1", "8", "8"],
    ["1", "serving_default", "timeout", "normal", "3", "3", "4"],
  ]);
});

test("as JSON it has the same in numbers", async () => {
  const { code, stdout } = await salver("explain", "m", "--url", `${url}/`, "--json");
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({
    model: "m",
    summaries: [{ version: "1", batches: 2, requests: 4, limit: 8, advice: [expect.any(String)] }],
    batches: [{ closed: "full" }, { closed: "timeout", rows: 3, size: 4 }],
  });
});

test("a model whose first batch has not come is no error", async () => {
  expect(await salver("explain", "quiet", "--url", url)).toEqual({
    code: 0,
    stdout:
      'quiet is batched, and nobody told of a batch since it was loaded: none has run, or its batcher reports none ("shared" does).\n',
    stderr: "",
  });
});

test.each([
  ["plain", 'salver: the model "plain" is not batched; with "batching: {}" in its config it would be\n'],
  ["a b/c", 'has no model "a b/c": Could not find any versions of model a b/c\n'],
])("a model that cannot be explained: %s", async (model, text) => {
  const { code, stdout, stderr } = await salver("explain", model, "--url", url);
  expect([code, stdout]).toEqual([1, ""]);
  expect(stderr).toContain(text);
});

test("a server that is not there", async () => {
  const free = createHttpServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => free.once("listening", resolve));
  const { port } = free.address() as AddressInfo;
  await new Promise((resolve) => free.close(resolve));
  const { code, stderr } = await salver("explain", "m", "--url", `http://127.0.0.1:${port}`);
  expect(code).toBe(1);
  expect(stderr).toMatch(/^salver: no server answers at http:\S+ \(.*ECONNREFUSED.*\): give the REST address/);
});

test.each([
  ["another server", 200, "<html>"],
  ["an older one", 400, '{"error": "Malformed request: GET /v1/models/m/batches"}'],
  ["one that answers with other JSON", 200, "null"],
])("%s", async (_, status, body) => {
  const other = createHttpServer((_, reply) => reply.writeHead(status).end(body)).listen(0, "127.0.0.1");
  onTestFinished(() => void other.close());
  await new Promise((resolve) => other.once("listening", resolve));
  const { port } = other.address() as AddressInfo;
  const { code, stderr } = await salver("explain", "m", "--url", `http://127.0.0.1:${port}`);
  expect(code).toBe(1);
  expect(stderr).toContain(`knows nothing of batches (status ${status}): is it Salver's REST port?`);
});

test("a URL that is none is a mistake of the command line", async () => {
  const { code, stderr } = await salver("explain", "m", "--url", "localhost");
  expect(code).toBe(2);
  expect(stderr).toContain("Expected a URL such as http://127.0.0.1:8501.");
});

test("a label and a version choose; an unknown one is told", () => {
  expect(server.frontend.batches({ name: "m", version: 1n })).toHaveLength(2);
  expect(() => server.frontend.batches({ name: "m", version: 9n })).toThrow("Could not find version 9 of model m");
  expect(() => server.frontend.batches({ name: "m", label: "x" })).toThrow("Unrecognized servable version label: x");
});
