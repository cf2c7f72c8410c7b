import { type Artifact, type ErrorCode, ServingError, silentLogger } from "salver";
import { recordingLogger } from "salver/testing";
import { describe, expect, test } from "vitest";
import type { ManagedModel } from "../../../core/lifecycle/entry.js";
import { createEventBus } from "../../../core/lifecycle/events.js";
import { createManager } from "../../../core/lifecycle/manager.js";
import { createMemoryLedger } from "../../../core/lifecycle/memory.js";
import type { LoaderFactory } from "../../../core/plugin.js";
import availability from "../../../plugins/policies/availability-preserving/index.js";
import { fakeServable, until } from "../../support/core-fakes.js";

type Script = {
  readonly open?: (signal: AbortSignal) => Promise<void>;
  readonly load?: (signal: AbortSignal) => Promise<void>;
  readonly release?: (end?: { readonly spoiled: boolean }) => void;
  readonly log?: typeof silentLogger;
  readonly memory?: number;
};

async function house({ open, load, release, log = silentLogger, memory }: Script) {
  const diary: string[] = [];
  const manager = createManager({
    clock: { now: () => 0, sleep: async () => {} },
    log,
    events: createEventBus(() => {}),
    memory: createMemoryLedger(memory),
    loadConcurrency: 4,
  });
  const make: LoaderFactory = (version) => ({
    estimate: async () => ({ memory: 10 }),
    load: async (signal) => {
      await load?.(signal);
      return fakeServable(version, diary);
    },
  });
  const [factory] = availability.factories;
  if (factory?.kind !== "policy") throw new Error("not a policy");
  const model: ManagedModel = {
    name: "m",
    versions: { kind: "latest", count: 1 },
    policy: await factory.create({} as never, {}),
    labels: new Map(),
    loader: async () => ({ type: "fake", make }),
    load: { retries: 2, retryInterval: 5, retryOn: "hopeful" },
    wrap: (servable) => servable,
  };
  const artifact: Artifact = {
    version: 1n,
    uri: "fake:1",
    open: async (signal) => {
      await open?.(signal);
      diary.push("open");
      return "/fake/1";
    },
    release: (end) => {
      diary.push("release");
      release?.(end);
    },
  };
  manager.add(model);
  const see = (...seen: readonly Artifact[]) => manager.sight("m", seen);
  const state = () => manager.status("m").map((each) => each.state)[0];
  return { manager, artifact, see, diary, state, settled: () => until(() => manager.settled("m")) };
}

const aborted = (signal: AbortSignal) =>
  new Promise<never>((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));

describe("what was opened is released once", () => {
  test("when its version has been unloaded, and not before", async () => {
    const { artifact, see, diary, state, settled } = await house({});
    see(artifact);
    await settled();
    expect(diary).toEqual(["open"]);
    see();
    await until(() => state() === "END");
    expect(diary).toEqual(["open", "dispose 1", "release"]);
  });

  test("when the server ends", async () => {
    const { manager, artifact, see, diary, settled } = await house({});
    see(artifact);
    await settled();
    await manager[Symbol.asyncDispose]();
    expect(diary).toEqual(["open", "dispose 1", "release"]);
  });

  test("after each attempt that failed", async () => {
    let attempt = 0;
    const load = async () => {
      if (++attempt < 3) throw new Error("not yet");
    };
    const { artifact, see, diary, settled } = await house({ load });
    see(artifact);
    await settled();
    expect(diary).toEqual(["open", "release", "open", "release", "open"]);
  });

  test("when there is no memory for it", async () => {
    const { artifact, see, diary, settled } = await house({ memory: 5 });
    see(artifact);
    await settled();
    expect(diary.slice(0, 2)).toEqual(["open", "release"]);
    expect(diary.filter((each) => each === "release")).toHaveLength(diary.length / 2);
  });

  test("when its load is called off", async () => {
    const { artifact, see, diary, state } = await house({ load: aborted });
    see(artifact);
    await until(() => diary.length > 0);
    see();
    await until(() => state() === "END");
    expect(diary).toEqual(["open", "release"]);
  });
});

describe("what was opened is released as spoiled", () => {
  const endsOf = async (script: Script) => {
    const ends: unknown[] = [];
    const { artifact, see, settled, state } = await house({ ...script, release: (end) => ends.push(end) });
    see(artifact);
    await settled();
    see();
    await until(() => state() === "END");
    return ends;
  };
  const failing = (code: ErrorCode) => async () => {
    throw new ServingError(code, "no");
  };

  test("when its files may be why it could not be loaded", async () => {
    expect(await endsOf({ load: failing("DATA_LOSS") })).toEqual([1, 2, 3].map(() => ({ spoiled: true })));
    expect(await endsOf({ load: failing("FAILED_PRECONDITION") })).toEqual([{ spoiled: true }]);
  });

  test("not when there was no room, or something else was away", async () => {
    expect(await endsOf({ memory: 5 })).toEqual([1, 2, 3].map(() => ({ spoiled: false })));
    expect(await endsOf({ load: failing("UNAVAILABLE") })).toEqual([1, 2, 3].map(() => ({ spoiled: false })));
  });

  test("not when it was served", async () => {
    expect(await endsOf({})).toEqual([{ spoiled: false }]);
  });
});

test("what nobody may unpack is fetched once", async () => {
  let asked = 0;
  const open = async () => {
    asked++;
    throw new ServingError("INVALID_ARGUMENT", "the archive leads out of its folder");
  };
  const { artifact, see, settled, state } = await house({ open });
  see(artifact);
  await settled();
  expect([asked, state()]).toEqual([1, "END"]);
});

test("what was not opened is not released", async () => {
  const { artifact, see, diary, state } = await house({ open: aborted });
  see(artifact);
  await until(() => state() === "LOADING");
  see();
  await until(() => state() === "END");
  expect(diary).toEqual([]);
});

test("a source that fails to release disturbs nobody", async () => {
  const log = recordingLogger();
  const release = () => {
    throw new Error("no such lease");
  };
  const { artifact, see, state, settled } = await house({ release, log });
  see(artifact);
  await settled();
  see();
  await until(() => state() === "END");
  expect(log.lines.filter(({ level }) => level === "error").map(({ message }) => message)).toEqual([
    "releasing fake:1: no such lease",
  ]);
});
