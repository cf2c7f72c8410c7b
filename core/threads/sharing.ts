import type { Clock } from "../clock.js";
import { unavailable } from "../errors.js";
import { createHolds, type Holds } from "../lifecycle/holds.js";
import type { LoaderChoice } from "../lifecycle/load.js";
import type { LocalVersion } from "../loader.js";
import type { Models } from "../models.js";
import type { Call, Servable } from "../servable.js";
import { record } from "../tensor.js";
import type { MainCalls, RelayedCall, SharedVersion } from "./calls.js";
import type { Cancels } from "./cancels.js";
import { Moved } from "./channel.js";
import { ownMemory } from "./own-memory.js";
import type { Thread } from "./thread-pool.js";

/** The versions that all threads run, each loaded once. */
export interface Sharing {
  /** The loader of the same versions, which are ready in all threads when they are loaded. */
  shared(choice: LoaderChoice): LoaderChoice;
  /** For a thread that has come: resolves when it has what there is. */
  introduce(thread: Thread): Promise<void>;
  /** What a thread asks for. */
  callsFor(thread: Thread): Pick<MainCalls, "run" | "runSession">;
}

export type SharingHouse = {
  readonly threads: ReadonlySet<Thread>;
  readonly cancels: Cancels;
  readonly clock: Clock;
  /** The models that a thread's requests reach at each moment, for those that call them. */
  readonly modelsFor: (thread: Thread) => Models;
};

type Run<T> = (servable: Servable, signal: AbortSignal) => Promise<T>;
type Shared = {
  readonly version: SharedVersion;
  readonly servable: Servable;
  readonly runs: Holds;
  /** No thread that comes is told of it any more; those that know of it may still ask. */
  leaving: boolean;
};

// A thread that has ended holds nothing any more.
const gone = () => {};

export function createSharing({ threads, cancels, clock, modelsFor }: SharingHouse): Sharing {
  const versions = new Map<number, Shared>();
  let next = 0;

  /** @throws what the thread cannot do; not that it has ended meanwhile, for the one in its place will be told */
  async function attach(thread: Thread, version: SharedVersion): Promise<void> {
    try {
      await thread.channel.call("attach", version);
    } catch (error) {
      if (threads.has(thread)) throw error;
    }
  }

  async function share(servable: Servable, type: string, { model, version, path }: LocalVersion): Promise<Servable> {
    const { signatures, links, engine, runSession } = servable;
    // What calls others runs where the others are led.
    const handle = links ? undefined : servable.handle;
    const about = { model, version, path, type, handle, signatures, engine, sessions: runSession !== undefined };
    const shared: Shared = { version: { id: next++, ...about }, servable, runs: createHolds(), leaving: false };
    const { id } = shared.version;
    versions.set(id, shared);

    async function letGo(): Promise<void> {
      shared.leaving = true;
      await Promise.all([...threads].map((thread) => thread.channel.call("detach", id).catch(gone)));
      versions.delete(id);
      await shared.runs.idle();
      await servable[Symbol.asyncDispose]();
    }

    try {
      await Promise.all([...threads].map((thread) => attach(thread, shared.version)));
    } catch (error) {
      await letGo();
      throw error;
    }
    return {
      get signatures() {
        return servable.signatures;
      },
      ...(links && { links }),
      ...(engine !== undefined && { engine }),
      run: (call) => servable.run(call),
      ...(runSession && { runSession: runSession.bind(servable) }),
      hurry: () => {
        servable.hurry?.();
        for (const { channel } of threads) channel.tell("hurry", id);
      },
      [Symbol.asyncDispose]: letGo,
    };
  }

  /** Makes a run for a thread; the version stays until it has settled, whatever becomes of the thread. */
  async function relay<T>(thread: Thread, { id, call }: { readonly id: number; readonly call: number }, run: Run<T>) {
    const shared = versions.get(id);
    if (!shared) throw unavailable("the model is unloading");
    const end = shared.runs.hold();
    try {
      const result = await cancels.during(thread, call, (signal) => run(shared.servable, signal));
      const { value, buffers } = ownMemory(result);
      return new Moved(value, buffers) as unknown as T;
    } finally {
      end();
    }
  }

  return {
    shared: (choice) => async (local) => {
      const { type, make } = await choice(local);
      const shares = (version: LocalVersion) => {
        const loader = make(version);
        return {
          estimate: () => loader.estimate(),
          load: async (signal: AbortSignal) => share(await loader.load(signal), type, version),
        };
      };
      return { type, make: shares };
    },
    introduce: async (thread) => {
      const staying = [...versions.values()].filter(({ leaving }) => !leaving);
      await Promise.all(staying.map(({ version }) => attach(thread, version)));
    },
    callsFor: (thread) => {
      const models = modelsFor(thread);
      return {
        run: (call) =>
          relay(thread, call, async (servable, signal) =>
            (servable.links?.within(models) ?? servable).run(received(call, signal)),
          ),
        runSession: (run) =>
          relay(thread, run, async (servable, signal) => (await servable.runSession?.({ ...run, signal })) ?? []),
      };
    },
  };

  function received({ signature, inputs, outputs, left, priority }: RelayedCall, signal: AbortSignal): Call {
    const deadline = left === undefined ? undefined : clock.now() + left;
    const call = { signature, inputs: record(Object.entries(inputs)), deadline, priority, signal };
    return outputs === undefined ? call : { ...call, outputs };
  }
}
