import { expect, test } from "vitest";
import type { Servable } from "../../../core/index.js";
import { type Wrap, wrapped } from "../../../core/lifecycle/wrapped.js";
import { recordingLogger } from "../../../core/testing/recording-logger.js";
import { fakeServable } from "../../support/core-fakes.js";

const local = { model: "m", version: 1n, path: "/fake/1" };

/** A servable and wrappers of it that keep one diary. */
async function stage(first: string) {
  const diary: string[] = [];
  const log = recordingLogger();
  const inner: Servable = { ...fakeServable(local, diary), hurry: () => void diary.push("inner hurries") };
  const wrap =
    (name: string, ready = Promise.resolve(), end = async () => {}): Wrap =>
    async (servable) => {
      await ready;
      return {
        ...servable,
        engine: name,
        hurry: () => {
          diary.push(`${name} hurries`);
          servable.hurry?.();
        },
        [Symbol.asyncDispose]: async () => {
          diary.push(`${name} ends`);
          await end();
          await servable[Symbol.asyncDispose]();
        },
      };
    };
  const made = await wrapped(inner, local, wrap(first), log);
  return { diary, lines: log.lines, inner, wrap, made, engine: () => made.layer.servable.engine };
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

test("a wrapper goes when nobody depends on it any more, and the servable stays", async () => {
  const { made, wrap, diary, engine } = await stage("a");
  const release = made.layer.holds.hold();
  let seen: string | undefined;
  await made.rewrap(wrap("b"), () => {
    seen = engine();
  });
  await turn();
  expect([seen, engine(), diary]).toEqual(["b", "b", ["a hurries"]]);
  release();
  await turn();
  expect(diary).toEqual(["a hurries", "a ends"]);

  made.hurry();
  made.hurry();
  await made[Symbol.asyncDispose]();
  expect(diary.slice(2)).toEqual(["b hurries", "inner hurries", "b ends", "dispose 1"]);
});

test("a wrapper that cannot be made leaves the one before, and the log says so; the next change is tried", async () => {
  const { made, wrap, lines, engine, diary } = await stage("a");
  const replaced = () => void diary.push("replaced");
  await made.rewrap(() => Promise.reject(new Error("no such thing")), replaced);
  expect([engine(), diary]).toEqual(["a", []]);
  expect(lines.map(({ level, message }) => `${level} ${message}`)).toEqual([
    "error version 1 of m keeps the batching that it has: no such thing",
  ]);
  await made.rewrap(wrap("b"), replaced);
  expect([engine(), diary[0]]).toEqual(["b", "replaced"]);
});

test("of changes that come close together the last one holds, in whatever order they are ready", async () => {
  const { made, wrap, engine, diary } = await stage("a");
  let ready = () => {};
  const slow = new Promise<void>((resolve) => {
    ready = resolve;
  });
  const done = [wrap("b", slow), wrap("c"), wrap("d")].map((each) => made.rewrap(each, () => {}));
  await turn();
  ready();
  await Promise.all(done);
  expect(engine()).toBe("d");
  await made[Symbol.asyncDispose]();
  expect(diary.filter((each) => / ends|dispose/.test(each)).sort()).toEqual(
    expect.arrayContaining(["a ends", "d ends", "dispose 1"]),
  );
  expect(diary.at(-1)).toBe("dispose 1");
});

test("what a wrapper is made for while the version unloads never answers, and goes before the servable", async () => {
  const { made, wrap, engine, diary } = await stage("a");
  let ready = () => {};
  const slow = new Promise<void>((resolve) => {
    ready = resolve;
  });
  const changed = made.rewrap(wrap("b", slow), () => void diary.push("replaced"));
  await turn();
  const gone = made[Symbol.asyncDispose]();
  ready();
  await Promise.all([changed, gone]);
  expect([engine(), diary]).toEqual(["a", ["a ends", "b ends", "dispose 1"]]);
});

test("a wrapper whose disposal fails keeps the servable from nothing", async () => {
  const { made, wrap, lines, diary } = await stage("a");
  const fails = () => Promise.reject(new Error("stuck"));
  await made.rewrap(wrap("b", undefined, fails), () => {});
  await made.rewrap(wrap("c", undefined, fails), () => {});
  await turn();
  expect(lines.map(({ message }) => message)).toEqual(["letting go of the batching before: stuck"]);
  await expect(made[Symbol.asyncDispose]()).rejects.toThrow("stuck");
  expect(diary.at(-1)).toBe("dispose 1");
});
