import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createServer, type LoadedConfig, loadConfig } from "salver";
import { expect, test } from "vitest";
import { watchConfig } from "../../../cli/commands/watch-config.js";
import { fakeClock, recordingLogger } from "../../../core/testing/index.js";
import availability from "../../../plugins/policies/availability-preserving/index.js";
import { fakePlugin, until } from "../../support/core-fakes.js";

test("a config file that changes changes the models; a mistaken one is named with its position and left aside", async () => {
  const dir = await mkdtemp(join(tmpdir(), "salver-watch-"));
  const file = join(dir, "salver.config.yaml");
  const write = (models: string) => writeFile(file, `models:\n${models}transports: []\n`);
  const m = "  m: { source: scripted, servable: fake }\n";
  await write(m);
  const loaded = await loadConfig(file);
  const server = await createServer(loaded, { plugins: [fakePlugin().plugin, availability] });
  await server.start();
  const log = recordingLogger();
  const clock = fakeClock();
  const abort = new AbortController();
  const watched = watchConfig(server, () => loadConfig(file), loaded, 1000, { log, clock, signal: abort.signal });
  const read = async () => {
    await clock.asleep();
    clock.advance(1000);
    await clock.asleep();
  };
  const errors = () => log.lines.filter(({ level }) => level === "error").map(({ message }) => message);

  await write(`${m}  n: { source: scripted, servable: fake }\n`);
  await read();
  await until(() => server.frontend.models().includes("n"));

  await write(`${m}  n: { source: scripted, servable: fake, lables: {} }\n`);
  await read();
  await until(() => errors().length === 1);
  expect(errors()[0]).toMatch(/salver\.config\.yaml:3:\d+ models\.n\.lables: unknown key/);

  await writeFile(file, "models: [\n");
  await read();
  await until(() => errors().length === 2);
  await writeFile(file, "transports: []\n");
  await read();
  await until(() => errors().length === 3);
  expect(errors()[2]).toMatch(/models: missing/);
  expect(server.frontend.models()).toEqual(["m", "n"]);

  await write(m);
  await read();
  await until(() => server.frontend.models().length === 1);
  abort.abort();
  await watched;
  await server.stop();
  await rm(dir, { recursive: true });
});

test("keys that need a restart are named once for each change, and the models are taken over all the same", async () => {
  const m = { source: "scripted", servable: "fake" };
  const config = (raw: object): LoadedConfig => ({ raw, file: "c.yaml", baseDir: "/", locate: () => undefined });
  const plugins = () => ["./a.ts", { name: "own", factories: [() => {}] }];
  const first = config({ models: { m }, transports: [], plugins: plugins() });
  const reloaded: string[][] = [];
  const server = { reload: async (models: object) => void reloaded.push(Object.keys(models)) };
  const log = recordingLogger();
  const clock = fakeClock();
  const abort = new AbortController();
  let now = first;
  const watched = watchConfig(server, async () => now, first, 1000, { log, clock, signal: abort.signal });
  const read = async (raw: object) => {
    now = config({ ...raw, plugins: plugins() });
    await clock.asleep();
    clock.advance(1000);
    await clock.asleep();
    return log.lines.filter(({ level }) => level === "warn").map(({ message }) => message);
  };
  const said = (keys: string) =>
    `c.yaml: what has changed in ${keys} needs a restart: only models are taken over while the server runs`;
  const other = { models: { m, n: m }, transports: [{ type: "grpc" }], cache: { quota: "1GiB" } };
  expect(await read({ models: { m }, transports: [] })).toEqual([]);
  expect(await read(other)).toEqual([said("transports, cache")]);
  expect(await read(structuredClone(other))).toEqual([said("transports, cache")]);
  expect(reloaded).toEqual([["m", "n"]]);
  expect(await read({ ...other, cache: { quota: "2GiB" } })).toHaveLength(2);
  expect(await read({ models: { m }, transports: [] })).toHaveLength(2);
  abort.abort();
  await watched;
});
