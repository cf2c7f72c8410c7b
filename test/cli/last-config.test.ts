import { mkdtemp, readdir, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadConfig, notFound, type Texts, unavailable } from "salver";
import { expect, onTestFinished, test } from "vitest";
import { lastConfigs } from "../../cli/last-config.js";

const url = "https://h.example/salver.yaml?key=secret";

async function stage() {
  const folder = await mkdtemp(join(tmpdir(), "salver-configs-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  const said: string[] = [];
  let answer: () => string = () => "models: { a: {} }";
  const place: Texts = { read: async () => answer() };
  return {
    folder,
    said,
    /** As by another process, later. */
    read: () =>
      loadConfig(
        url,
        lastConfigs(folder).standingIn(place, (message) => said.push(message)),
      ),
    keep: lastConfigs(folder).keep,
    answers: (other: () => string) => {
      answer = other;
    },
  };
}

const away = () => {
  throw unavailable("connection refused");
};

test("the text that was in use last stands in for its place while that is away, and says so", async () => {
  const { folder, said, read, keep, answers } = await stage();
  await keep(await read());
  answers(() => "models: { b: {} }");
  await keep(await read());
  expect(said).toEqual([]);
  answers(away);
  expect((await read()).raw).toEqual({ models: { b: {} } });
  const [name = ""] = await readdir(folder);
  expect(said).toEqual([
    "the config https://h.example/salver.yaml cannot be read now (connection refused): " +
      `starting with the one that was in use here last, kept in ${join(folder, name)}`,
  ]);
  expect(await readdir(folder)).toHaveLength(1);
  if (process.platform !== "win32") expect((await stat(join(folder, name))).mode & 0o777).toBe(0o600);
});

test("what was read and never in use does not stand in", async () => {
  const { read, answers } = await stage();
  await read();
  answers(away);
  await expect(read()).rejects.toThrow("cannot read the config: connection refused");
});

test("a config that is gone, or not for us, is not replaced by the one before", async () => {
  const { said, read, keep, answers } = await stage();
  await keep(await read());
  answers(() => {
    throw notFound("it is not there");
  });
  await expect(read()).rejects.toThrow("it is not there");
  expect(said).toEqual([]);
});
