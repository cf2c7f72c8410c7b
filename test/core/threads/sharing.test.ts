import { expect, test } from "vitest";
import { systemClock } from "../../../core/clock.js";
import type { Models, Servable } from "../../../core/index.js";
import type { RelayedCall, SharedVersion } from "../../../core/threads/calls.js";
import { createCancels } from "../../../core/threads/cancels.js";
import { Moved } from "../../../core/threads/channel.js";
import { createSharing } from "../../../core/threads/sharing.js";
import type { Thread } from "../../../core/threads/thread-pool.js";

const { signal } = new AbortController();
const local = { model: "m", version: 1n, path: "/" };
const models: Models = { lease: () => [] };

/** A thread that is told of versions, and answers that it is done with one when the test says so. */
function newThread() {
  const attached: SharedVersion[] = [];
  let detached = () => {};
  const done = new Promise<void>((resolve) => {
    detached = resolve;
  });
  const call = async (name: string, argument: unknown) => {
    if (name === "attach") attached.push(argument as SharedVersion);
    if (name === "detach") await done;
  };
  const channel = { call, tell: () => {}, close: () => {} } as unknown as Thread["channel"];
  return { thread: { number: 1, channel }, attached, detached };
}

async function shareWith({ thread }: ReturnType<typeof newThread>, servable: Servable) {
  const sharing = createSharing({
    threads: new Set([thread]),
    cancels: createCancels(),
    clock: systemClock,
    modelsFor: () => models,
  });
  const loader = { estimate: async () => ({ memory: 0 }), load: async () => servable };
  const { make } = await sharing.shared(async () => ({ type: "any", make: () => loader }))(local);
  const owned = await make(local).load(signal);
  const { run } = sharing.callsFor(thread);
  const relayed: RelayedCall = {
    id: 0,
    call: 1,
    signature: "",
    inputs: {},
    outputs: undefined,
    left: undefined,
    priority: undefined,
  };
  return { sharing, owned, run: () => run(relayed) };
}

test("what a thread has asked before it has let go of a version is answered, and the version is there until then", async () => {
  const there = newThread();
  let disposed = false;
  const { sharing, owned, run } = await shareWith(there, {
    signatures: {},
    run: async () => {
      if (disposed) throw new Error("it is gone");
      return {};
    },
    [Symbol.asyncDispose]: async () => {
      disposed = true;
    },
  });
  const gone = owned[Symbol.asyncDispose]();
  expect(await run()).toBeInstanceOf(Moved);
  // One that comes now has nothing to do with it.
  const later = newThread();
  await sharing.introduce(later.thread);
  expect(later.attached).toEqual([]);
  expect(disposed).toBe(false);
  there.detached();
  await gone;
  expect(disposed).toBe(true);
  await expect(run()).rejects.toThrow("the model is unloading");
});

test("what calls other models runs where it was loaded, over the models that the thread's requests reach", async () => {
  const there = newThread();
  const over: Models[] = [];
  const run = async () => ({});
  const { owned, run: relayed } = await shareWith(there, {
    signatures: {},
    handle: { address: 1 },
    run: async () => {
      throw new Error("not over these");
    },
    links: {
      specs: [],
      misfit: () => undefined,
      bind: () => {},
      within: (models) => {
        over.push(models);
        return { signatures: {}, run };
      },
    },
    [Symbol.asyncDispose]: async () => {},
  });
  expect(there.attached[0]?.handle).toBeUndefined();
  expect(owned.links).toBeDefined();
  await relayed();
  expect(over).toEqual([models]);
});
