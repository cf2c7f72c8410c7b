import { access, mkdir, realpath, rename, rm, symlink, unlink, utimes } from "node:fs/promises";
import { join } from "node:path";
import type { Source } from "salver";
import { type FakeClock, fakeClock, fakeHost, readSightings, recordingLogger, versionsOf } from "salver/testing";
import { expect, test } from "vitest";
import { checkPath, filesystemSource } from "../../../../plugins/sources/filesystem/filesystem.js";
import { until } from "../../../support/core-fakes.js";
import { parse, temporaryFolder, writeFiles } from "./stage.js";

const files = { "saved_model.pb": "graph" };
const minuteAgo = () => new Date(Date.now() - 60_000);

async function oldModel(folder: string) {
  await writeFiles(folder, files);
  for (const each of [join(folder, "saved_model.pb"), folder]) await utimes(each, minuteAgo(), minuteAgo());
}

async function open(written: Record<string, unknown> = {}) {
  const root = await temporaryFolder();
  const base = join(root.path, "model");
  await mkdir(base);
  const clock = fakeClock();
  const log = recordingLogger();
  const make = (): Source =>
    filesystemSource(
      fakeHost({ id: "m", baseDir: root.path, clock, log }),
      parse({ path: "model", watch: false, ...written }),
    );
  const said = (level: string) => log.lines.filter((line) => line.level === level).map((line) => line.message);
  return { root, base, clock, make, said, [Symbol.asyncDispose]: () => root[Symbol.asyncDispose]() };
}

/** One more look: waits for the sleep after the last one, then lets a poll pass. */
async function looks(clock: FakeClock, count = 1) {
  for (let i = 0; i < count; i++) {
    await clock.asleep();
    clock.advance(1000);
  }
  await clock.asleep();
}

test("a finished version that is there at the start is seen with the first look", async () => {
  await using stage = await open();
  await oldModel(join(stage.base, "1"));
  await oldModel(join(stage.base, "00000123"));
  await using sightings = readSightings(stage.make());
  const first = await sightings.next();
  expect(first?.model).toBe("m");
  expect(first?.versions.map((each) => [each.version, each.uri])).toEqual([
    [123n, join(stage.base, "00000123")],
    [1n, join(stage.base, "1")],
  ]);
  expect(stage.clock.now()).toBe(0);
});

test("the first sighting waits for a version still on its way rather than saying there is none", async () => {
  await using stage = await open();
  await writeFiles(join(stage.base, "1"), files);
  await using sightings = readSightings(stage.make());
  await looks(stage.clock);
  await sightings.until(1n);
  expect(sightings.seen).toHaveLength(1);
  expect(stage.said("warn")).toEqual([]);
});

test("a version that can be taken before the next poll is taken then", async () => {
  await using stage = await open({ poll: "1h", settle: "1s" });
  await using sightings = readSightings(stage.make());
  await sightings.until();
  await stage.clock.asleep();
  await oldModel(join(stage.base, "1"));
  stage.clock.advance(3_600_000);
  await looks(stage.clock);
  await sightings.until(1n);
});

test("a quiet folder is looked at again and again and told of once", async () => {
  await using stage = await open();
  await oldModel(join(stage.base, "1"));
  await using sightings = readSightings(stage.make());
  await looks(stage.clock, 5);
  expect(sightings.seen).toHaveLength(1);
});

test("of two names for one version the last in sort order is taken, and the choice is logged once", async () => {
  await using stage = await open();
  for (let zeros = 0; zeros < 12; zeros++) await oldModel(join(stage.base, `${"0".repeat(zeros)}3`));
  await using sightings = readSightings(stage.make());
  const [artifact, ...rest] = await sightings.until(3n);
  expect(rest).toEqual([]);
  expect(artifact?.uri).toBe(join(stage.base, "3"));
  await looks(stage.clock, 3);
  expect(stage.said("warn")).toHaveLength(11);
  await rm(join(stage.base, "3"), { recursive: true });
  await looks(stage.clock);
  const [other] = await sightings.until(3n);
  expect(other?.uri).toBe(join(stage.base, "03"));
});

test("a plain file with a numeric name is a version", async () => {
  await using stage = await open({ settle: "0s" });
  await writeFiles(stage.base, { "4": "file", "notes.txt": "no version" });
  await using sightings = readSightings(stage.make());
  const [artifact] = await sightings.until(4n);
  expect(await artifact?.open(new AbortController().signal)).toBe(await realpath(join(stage.base, "4")));
});

test("a symbolic link is followed when the version is opened", async () => {
  await using stage = await open();
  const target = join(stage.root.path, "release-2024");
  await oldModel(target);
  await symlink(target, join(stage.base, "1"));
  await using sightings = readSightings(stage.make());
  const [artifact] = await sightings.until(1n);
  expect(artifact?.uri).toBe(join(stage.base, "1"));
  expect(await artifact?.open(new AbortController().signal)).toBe(await realpath(target));
  await unlink(join(stage.base, "1"));
  await expect(artifact?.open(new AbortController().signal)).rejects.toMatchObject({ code: "NOT_FOUND" });
});

test("a missing folder is logged once an outage and unloads nothing", async () => {
  await using stage = await open();
  await oldModel(join(stage.base, "1"));
  await using sightings = readSightings(stage.make());
  await sightings.until(1n);
  for (let outage = 1; outage <= 2; outage++) {
    await stage.clock.asleep();
    await rename(stage.base, `${stage.base}.away`);
    await looks(stage.clock, 3);
    expect(stage.said("error")).toHaveLength(outage);
    await rename(`${stage.base}.away`, stage.base);
    await looks(stage.clock, 2);
    expect(stage.said("info")).toHaveLength(outage);
  }
  expect(sightings.seen).toHaveLength(1);
});

test("a folder that appears only later is picked up", async () => {
  await using stage = await open();
  await rm(stage.base, { recursive: true });
  await using sightings = readSightings(stage.make());
  await looks(stage.clock, 2);
  expect(sightings.seen).toEqual([]);
  expect(stage.said("error")).toHaveLength(1);
  await oldModel(join(stage.base, "1"));
  await looks(stage.clock, 2);
  await sightings.until(1n);
});

test("a folder that is waited for: whose it is, where, and what is missing, once each", async () => {
  await using stage = await open({ wait: true, settle: "0s" });
  await rm(stage.base, { recursive: true });
  await using sightings = readSightings(stage.make());
  await looks(stage.clock, 3);
  await mkdir(stage.base);
  await looks(stage.clock, 3);
  await sightings.until();
  const wanted = `expected a numeric folder such as ${stage.base}/1, which is looked for again every 1 s`;
  const warnings = [`there is no ${stage.base} yet`, `there is no version in ${stage.base}`].map(
    (missing) => `m waits for a version: ${missing}; ${wanted}`,
  );
  expect(stage.said("warn")).toEqual(warnings);
  expect(stage.said("error")).toEqual([]);
});

test("where nobody looks again, that is said", async () => {
  await using stage = await open({ wait: true, poll: "0s" });
  await rm(stage.base, { recursive: true });
  await using _sightings = readSightings(stage.make());
  await until(() => stage.said("warn").length > 0);
  expect(stage.said("warn")).toEqual([
    expect.stringMatching(/which is not looked for again: start anew once it is there$/),
  ]);
});

test("an emptied folder means an empty list and a warning", async () => {
  await using stage = await open();
  await oldModel(join(stage.base, "1"));
  await using sightings = readSightings(stage.make());
  await sightings.until(1n);
  expect(stage.said("warn")).toEqual([]);
  await rm(join(stage.base, "1"), { recursive: true });
  await looks(stage.clock, 3);
  await sightings.until();
  expect(stage.said("warn")).toEqual([expect.stringContaining(`no version in ${stage.base}`)]);
});

test.each([["saved_model.pb"], ["saved_model.pbtxt"], ["net.onnx"]])(
  "a folder that holds %s itself is version 1",
  async (name) => {
    await using stage = await open({ settle: "0s" });
    await writeFiles(stage.base, { [name]: "graph", "variables/variables.index": "" });
    await using sightings = readSightings(stage.make());
    const [artifact] = await sightings.until(1n);
    expect(await artifact?.open(new AbortController().signal)).toBe(await realpath(stage.base));
    expect(stage.said("info")).toEqual([expect.stringContaining("served as version 1")]);
  },
);

test("numeric folders win over a model beside them", async () => {
  await using stage = await open({ settle: "0s" });
  await writeFiles(stage.base, { "saved_model.pb": "graph" });
  await writeFiles(join(stage.base, "7"), files);
  await using sightings = readSightings(stage.make());
  const first = await sightings.next();
  expect(first && versionsOf(first)).toEqual([7n]);
});

test("a single file is version 1", async () => {
  await using stage = await open({ settle: "0s", path: "model/net.onnx" });
  await writeFiles(stage.base, { "net.onnx": "graph" });
  await using sightings = readSightings(stage.make());
  const [artifact] = await sightings.until(1n);
  expect(await artifact?.open(new AbortController().signal)).toBe(await realpath(join(stage.base, "net.onnx")));
});

test("with poll 0s later changes go unseen, but a version still changing is waited for", async () => {
  await using stage = await open({ poll: "0s" });
  await writeFiles(join(stage.base, "1"), files);
  await using sightings = readSightings(stage.make());
  await looks(stage.clock, 0);
  stage.clock.advance(1000);
  await sightings.until(1n);
  await oldModel(join(stage.base, "2"));
  const asleep = await Promise.race([
    stage.clock.asleep().then(() => true),
    new Promise((resolve) => setTimeout(resolve, 50, false)),
  ]);
  expect(asleep).toBe(false);
  expect(sightings.seen).toHaveLength(1);
});

test("with hints a change is seen long before the next poll", async () => {
  await using root = await temporaryFolder();
  const host = fakeHost({ id: "m", baseDir: root.path });
  const source = filesystemSource(host, parse({ path: ".", poll: "1h", settle: "0s" }));
  await using sightings = readSightings(source);
  await sightings.until();
  await writeFiles(join(root.path, "1"), files);
  await sightings.until(1n);
  await rm(join(root.path, "1"), { recursive: true });
  await sightings.until();
});

test("a folder copied file by file under a storm of hints is offered complete", async () => {
  await using root = await temporaryFolder();
  let now = 0;
  let copying = true;
  const pause = fakeHost().clock.sleep;
  const clock = {
    now: () => now,
    sleep: async (ms: number, signal?: AbortSignal) => {
      await pause(1, signal);
      if (!copying) now += ms;
    },
  };
  const host = fakeHost({ id: "m", baseDir: root.path, clock });
  await using sightings = readSightings(filesystemSource(host, parse({ path: ".", poll: "20ms", settle: "1s" })));
  await sightings.until();
  for (let i = 0; i < 200; i++) await writeFiles(join(root.path, "1"), { [`variables/${i}`]: "x".repeat(i) });
  expect(sightings.seen).toHaveLength(1);
  copying = false;
  const [artifact] = await sightings.until(1n);
  await access(join((await artifact?.open(new AbortController().signal)) ?? "", "variables/199"));
});

test("a path that is not there is a problem of the option path", async () => {
  await using stage = await open();
  const host = fakeHost({ baseDir: stage.root.path });
  expect(await checkPath(parse({ path: "model" }), host)).toEqual([]);
  expect(await checkPath(parse({ path: "nowhere" }), host)).toEqual([
    { option: "path", message: `there is nothing at ${join(stage.root.path, "nowhere")}` },
  ]);
});
