import { createConnection } from "node:net";
import { createServer } from "salver";
import { builtins, threads } from "salver/plugins";
import { expect, test } from "vitest";
import { ask, newControl, sight, startThreads, until } from "./support.js";

const x = { inputs: { x: [1, 2] } };
const model = (type: string, more: object = {}) => ({ source: "told", servable: type, ...more });

test("connections are dealt out, and what is loaded once answers in each thread", async () => {
  const control = newControl();
  sight(control, "m", 7n);
  await using started = await startThreads({ models: { m: model("guarded") } }, 3);
  const seen = new Set<unknown>();
  for (let i = 0; i < 9; i++) {
    const { status, body } = await ask(`${started.rest}/v1/models/m:predict`, x);
    expect(status).toBe(200);
    const { version, thread, y } = body.outputs as Record<string, readonly number[]>;
    expect([version, y]).toEqual([
      [7, 7],
      [2, 4],
    ]);
    seen.add(thread?.[0]);
  }
  expect(seen.size).toBe(3);
  expect(seen).not.toContain(0);
});

test("many connections are spread evenly", async () => {
  const control = newControl();
  sight(control, "m", 1n);
  await using started = await startThreads({ models: { m: model("guarded") } });
  const port = Number(new URL(started.rest).port);
  const body = JSON.stringify(x);
  const request = `POST /v1/models/m:predict HTTP/1.1\r\nHost: a\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
  const counts = new Map<string, number>();
  const sockets = await Promise.all(
    Array.from({ length: 20 }, async () => {
      const socket = createConnection({ port, host: "127.0.0.1" });
      let text = "";
      socket.on("data", (chunk) => {
        text += chunk;
      });
      socket.write(request);
      await until(() => /"thread":\s*\[\s*\d+/.test(text), "an answer");
      const [, thread = ""] = /"thread":\s*\[\s*(\d+)/.exec(text) ?? [];
      counts.set(thread, (counts.get(thread) ?? 0) + 1);
      return socket;
    }),
  );
  expect([...counts.values()]).toEqual([10, 10]);
  for (const socket of sockets) socket.destroy();
});

test("what can only run where it was loaded is reached by message, with its deadline and its errors", async () => {
  const control = newControl();
  sight(control, "m", 3n);
  await using started = await startThreads({ models: { m: model("alone") } });
  const { body } = await ask(`${started.rest}/v1/models/m:predict`, x);
  expect(body.outputs).toMatchObject({ version: [3, 3], thread: [0, 0], y: [2, 4] });
  const wrong = await ask(`${started.rest}/v1/models/m:predict`, { inputs: { z: [1] } });
  expect(wrong.status).toBe(400);
});

test("status, readiness and labels are the same in every thread", async () => {
  const control = newControl();
  sight(control, "m", 4n, 5n);
  const labels = { stable: 4 };
  await using started = await startThreads({ models: { m: model("guarded", { versions: "all", labels }) } });
  for (let i = 0; i < 4; i++) {
    const { body } = await ask(`${started.rest}/v1/models/m`);
    expect((body.model_version_status as { version: string }[]).map(({ version }) => version)).toEqual(["5", "4"]);
    expect((await ask(`${started.rest}/readyz`)).body.ready).toBe(true);
    const old = await ask(`${started.rest}/v1/models/m/labels/stable:predict`, x);
    expect(old.body.outputs).toMatchObject({ version: [4, 4] });
    expect((await ask(`${started.rest}/v1/models/none`)).status).toBe(404);
  }
});

test("a thread that ends is told of and replaced; the others go on, the port stays", async () => {
  const control = newControl();
  sight(control, "m", 1n);
  sight(control, "g", 2n);
  await using started = await startThreads({ models: { m: model("deadly"), g: model("guarded") } });
  const url = `${started.rest}/v1/models/m:predict`;
  await ask(`${started.rest}/monitoring/prometheus/metrics`);
  for (let i = 0; i < 4; i++) expect((await ask(url, x)).status).toBe(200);
  const before = requests((await ask(`${started.rest}/monitoring/prometheus/metrics`)).body.text as string);
  await expect(ask(url, { inputs: { x: [13] } })).rejects.toThrow();
  for (let i = 0; i < 4; i++) expect((await ask(url, x)).status).toBe(200);
  await until(() => started.log.lines.some(({ message }) => /is there again/.test(message)), "another thread");
  expect(started.log.lines.some(({ message }) => /I\/O thread \d is lost.*thirteen/.test(message))).toBe(true);
  const seen = new Set<unknown>();
  for (let i = 0; i < 8; i++) {
    const { body } = await ask(url, x);
    seen.add((body.outputs as Record<string, readonly number[]>).thread?.[0]);
  }
  expect(seen.size).toBe(2);
  for (let i = 0; i < 4; i++) expect((await ask(`${started.rest}/v1/models/g:predict`, x)).status).toBe(200);
  const after = requests((await ask(`${started.rest}/monitoring/prometheus/metrics`)).body.text as string);
  expect(before).toBe(4);
  expect(after).toBe(16);

  // What the lost thread held is let go of.
  sight(control, "m", 2n);
  await until(() => started.server.versions().every(({ model, version }) => model !== "m" || version === 2n), "a swap");
});

const requests = (page: string) =>
  Number(/salver_requests_total\{model="m",method="Predict",transport="rest",code="OK"\} (\d+)/.exec(page)?.[1]);

test("models change in all threads before a reload says so", async () => {
  const control = newControl();
  sight(control, "m", 1n);
  sight(control, "n", 2n);
  await using started = await startThreads({ models: { m: model("guarded") } });
  for (let i = 0; i < 5; i++) {
    await started.server.reload({ n: model("alone"), m: model("guarded", { batching: {} }) });
    for (let k = 0; k < 2; k++) {
      expect((await ask(`${started.rest}/v1/models/n:predict`, x)).status).toBe(200);
      expect((await ask(`${started.rest}/v1/models/m:predict`, x)).status).toBe(200);
    }
    expect((await ask(`${started.rest}/v1/models/m/batches`)).body.batches).toHaveLength(2 * (i + 1));
    await started.server.reload({ m: model("guarded", { batching: {} }) });
    for (let k = 0; k < 2; k++) expect((await ask(`${started.rest}/v1/models/n:predict`, x)).status).toBe(404);
  }
});

test("a stop finishes what is under way in every thread", async () => {
  const control = newControl();
  sight(control, "m", 1n);
  const started = await startThreads({ models: { m: model("guarded") } });
  const asked = Array.from({ length: 20 }, () => ask(`${started.rest}/v1/models/m:predict`, x));
  await Promise.race(asked);
  await started.server.stop();
  const answers = await Promise.allSettled(asked);
  const served = answers.flatMap((each) => (each.status === "fulfilled" ? [each.value.status] : []));
  expect(served.filter((status) => status !== 200)).toEqual([]);
  expect(control.violations[1]).toBe(0);
  expect(control.disposed[1]).toBe(1);
  await expect(ask(`${started.rest}/healthz`)).rejects.toThrow();
  expect(started.log.lines.filter(({ level }) => level === "error")).toEqual([]);
});

test("what other threads cannot have is refused at the start", async () => {
  const start = (config: object, parts = { threads }) =>
    createServer({ models: {}, ioThreads: 2, ...config }, { plugins: builtins, ...parts });
  await expect(start({ plugins: [{ name: "own", factories: [], doctor: async () => [] }] })).rejects.toThrow(/plugins/);
  await expect(start({}, {} as never)).rejects.toThrow(/ioThreads: .*set 1/);
});

test("a port that is taken is told once, and leaves nothing running", async () => {
  const control = newControl();
  sight(control, "m", 1n);
  await using first = await startThreads({ models: { m: model("guarded") } });
  const port = Number(new URL(first.rest).port);
  const transports = [{ type: "rest", host: "127.0.0.1", port }];
  await expect(startThreads({ transports })).rejects.toThrow(/the port is taken/);
});
