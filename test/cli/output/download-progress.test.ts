import { recordingLogger } from "salver/testing";
import { describe, expect, test } from "vitest";
import { downloadProgress } from "../../../cli/output/download-progress.js";

function stage(isTTY: boolean) {
  const written: string[] = [];
  const sink = { isTTY, write: (text: string) => written.push(text.replaceAll("\r\x1b[2K", "<")) };
  let now = 0;
  const { listener, around } = downloadProgress(sink, () => {
    now += 1000;
    return now;
  });
  const about = (model: string) => ({ model, version: 3n, uri: `s3://b/${model}/3/` });
  return {
    written,
    around,
    comes: (model: string, done: number, size: number | undefined) =>
      listener.downloaded({ ...about(model), bytes: 1, done, size }),
    ends: (model: string) => listener.downloadEnded({ ...about(model), bytes: 1, code: "OK", milliseconds: 1 }),
  };
}

const bar = (full: number) => `${"█".repeat(full)}${"░".repeat(30 - full)}`;

describe("the progress of downloads", () => {
  test("is one bar for all of them, as long as there are any", () => {
    const { written, comes, ends } = stage(true);
    comes("ctr", 50e6, 100e6);
    comes("words", 0, 200e6);
    ends("ctr");
    ends("words");
    ends("words");
    expect(written).toEqual([
      `<fetching ctr 3, 50 of 100 MB ${bar(15)} 50 %`,
      `<fetching 2 versions, 50 of 300 MB ${bar(5)} 16 %`,
      `<fetching words 3, 0 of 200 MB ${bar(0)} 0 %`,
      "<",
    ]);
  });

  test("leaves out what has no known size", () => {
    const { written, comes, ends } = stage(true);
    comes("ctr", 50e6, undefined);
    ends("ctr");
    expect(written).toEqual([]);
  });

  test("makes way for the log", () => {
    const { written, around, comes } = stage(true);
    const log = recordingLogger();
    comes("ctr", 50e6, 100e6);
    around(log).child({ component: "cache" }).info({ a: 1 }, "hello");
    expect(written.at(-1)).toBe("<");
    expect(log.lines).toEqual([{ level: "info", fields: { component: "cache", a: 1 }, message: "hello" }]);
    comes("ctr", 100e6, 100e6);
    expect(written.at(-1)).toBe(`<fetching ctr 3, 100 of 100 MB ${bar(30)} 100 %`);
  });

  test("is not drawn where there is no terminal", () => {
    const { written, comes, ends } = stage(false);
    comes("ctr", 50e6, 100e6);
    ends("ctr");
    expect(written).toEqual([]);
  });
});
