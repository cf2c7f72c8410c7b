import { EventEmitter } from "node:events";
import { fakeHost, readSightings, recordingLogger } from "salver/testing";
import { afterEach, expect, test, vi } from "vitest";
import { parse, temporaryFolder, writeFiles } from "./stage.js";

afterEach(() => {
  vi.doUnmock("chokidar");
  vi.resetModules();
});

const watch = () => {
  throw new Error("ENOSPC: no watches left");
};
const failing = () => {
  const watcher = new EventEmitter();
  setImmediate(() => {
    for (let i = 0; i < 3; i++) watcher.emit("error", new Error("EMFILE: too many open files"));
  });
  return Object.assign(watcher, { close: async () => {} });
};
const missing = () => {
  throw new Error("no such package");
};

test.each<[string, () => object]>([
  ["cannot be loaded", missing],
  ["refuses to start", () => ({ watch })],
  ["fails again and again", () => ({ watch: failing })],
])("when the watcher %s, that is logged once and polling goes on", async (_, chokidar) => {
  vi.doMock("chokidar", chokidar);
  const { filesystemSource } = await import("../../../../plugins/sources/filesystem/filesystem.js");
  await using root = await temporaryFolder();
  const log = recordingLogger();
  const told = () => log.lines.filter((line) => line.message.includes("polling goes on")).length;
  const host = fakeHost({ id: "m", baseDir: root.path, log });
  await using sightings = readSightings(filesystemSource(host, parse({ path: ".", poll: "5ms", settle: "0s" })));
  await vi.waitFor(() => expect(told()).toBe(1), 10_000);
  await writeFiles(root.path, { "1/model.bin": "" });
  await sightings.until(1n);
  expect(told()).toBe(1);
});

test("the watcher is closed with the iteration", async () => {
  const close = vi.fn(async () => {});
  const start = vi.fn(() => Object.assign(new EventEmitter(), { close }));
  vi.doMock("chokidar", () => ({ watch: start }));
  const { filesystemSource } = await import("../../../../plugins/sources/filesystem/filesystem.js");
  await using root = await temporaryFolder();
  const host = fakeHost({ id: "m", baseDir: root.path });
  const source = filesystemSource(host, parse({ path: ".", poll: "5ms", settle: "0s" }));
  {
    await using sightings = readSightings(source);
    await sightings.until();
    await vi.waitFor(() => expect(start).toHaveBeenCalledTimes(1), 10_000);
    expect(close).not.toHaveBeenCalled();
  }
  expect(close).toHaveBeenCalledTimes(1);
});
