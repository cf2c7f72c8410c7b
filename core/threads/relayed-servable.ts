import type { Clock } from "../clock.js";
import type { Servable } from "../servable.js";
import { restoredSignatures, type Signature } from "../signature.js";
import { record } from "../tensor.js";
import type { MainCalls, SharedVersion } from "./calls.js";
import type { Channel } from "./channel.js";
import { ownMemory } from "./own-memory.js";

let calls = 0;

/** Names a call to the main thread, and tells it there when `signal` aborts, until `end` is called. */
export function abortable(channel: Channel<MainCalls>, signal: AbortSignal) {
  const call = calls++;
  const abort = () => channel.tell("abort", call);
  signal.addEventListener("abort", abort, { once: true });
  return { call, end: () => signal.removeEventListener("abort", abort) };
}

export interface RelayedServable extends Servable {
  /** For one that calls other models: it has its signatures from the first time that it can be reached. */
  bind(signatures: SharedVersion["signatures"]): void;
}

/** A version whose runs are made in the thread that has loaded it. A run settles here when it has settled there. */
export function relayedServable(version: SharedVersion, channel: Channel<MainCalls>, clock: Clock): RelayedServable {
  const { id, engine, sessions } = version;
  let signatures: Readonly<Record<string, Signature>> = restoredSignatures(version.signatures);
  let bound = Object.keys(signatures).length > 0;

  const run: Servable["run"] = async ({ signature, inputs, outputs, signal, deadline, priority }) => {
    const { value, buffers } = ownMemory(inputs);
    const { call, end } = abortable(channel, signal);
    try {
      // Clocks of threads begin when the threads do.
      const left = deadline === undefined ? undefined : deadline - clock.now();
      const relayed = { id, call, signature, inputs: value, outputs, left, priority };
      return record(Object.entries(await channel.call("run", relayed, buffers)));
    } finally {
      end();
    }
  };

  const runSession: NonNullable<Servable["runSession"]> = async ({ feeds, fetches, targets, signal }) => {
    const { value, buffers } = ownMemory(feeds);
    const { call, end } = abortable(channel, signal);
    try {
      return await channel.call("runSession", { id, call, feeds: value, fetches, targets }, buffers);
    } finally {
      end();
    }
  };

  return {
    get signatures() {
      return signatures;
    },
    bind: (known) => {
      // One object for good, as `Links` has it.
      if (!bound) signatures = restoredSignatures(known);
      bound = true;
    },
    ...(engine !== undefined && { engine }),
    run,
    ...(sessions && { runSession }),
    [Symbol.asyncDispose]: async () => {},
  };
}
