import type { BatchRecord } from "../batch-record.js";
import type { Clock } from "../clock.js";
import type { LoadedConfig } from "../config/load-config.js";
import type { ResolvedConfig, ResolvedModel } from "../config/resolve.js";
import type { CodeName } from "../errors.js";
import type { Frontend, ModelSpec } from "../frontend.js";
import type { EventBus } from "../lifecycle/events.js";
import type { Manager } from "../lifecycle/manager.js";
import type { RoutingTable } from "../lifecycle/routing-table.js";
import type { Logger } from "../logger.js";
import type { MetricsPage } from "../metrics-page.js";
import type { Models } from "../models.js";
import type { DataPlane } from "../serving/data-plane.js";
import type { RequestLogging } from "../serving/request-logging.js";
import type { Address } from "../transport.js";
import { spawnWorker } from "../worker.js";
import { createAcceptor, type Duplicator } from "./acceptor.js";
import type { MainCalls, ThreadModel } from "./calls.js";
import { createCancels } from "./cancels.js";
import { createMirror } from "./mirror.js";
import { threadModel, withoutModels } from "./postable.js";
import { receivedRequest } from "./posted-requests.js";
import { createSeenTables } from "./seen-tables.js";
import { createSharing } from "./sharing.js";
import { createThreadCounts } from "./thread-counts.js";
import { createThreadPool, type Thread } from "./thread-pool.js";

/** What I/O threads are made of, beside the core; `salver/plugins` has them for the default distribution. */
export type ThreadParts = {
  /** The module that a thread runs: it calls `runIoThread`. */
  readonly module: URL;
  readonly duplicator: Duplicator;
};

export type IoThreadsHouse = ThreadParts & {
  readonly config: ResolvedConfig;
  readonly loaded: LoadedConfig;
  readonly log: Logger;
  readonly clock: Clock;
  readonly events: EventBus;
  readonly page: MetricsPage | undefined;
  readonly manager: Pick<Manager, "routes" | "status">;
  readonly frontend: Pick<Frontend, "models" | "readiness" | "reload" | "batches" | "refusals">;
  /** Another list when the models have changed. */
  readonly models: () => readonly ResolvedModel[];
  /** The models of a table, for those that call them. */
  readonly modelsOf: (routes: () => RoutingTable) => Models;
  readonly requests: (model: string) => Pick<RequestLogging, "add"> | undefined;
};

/**
 * A data plane of several threads behind one port. This thread keeps the control plane: it loads, accepts connections and
 * deals them out, and tells the threads what they need to know; no request passes through it but those for what only it can run.
 */
export function ioThreads(house: IoThreadsHouse): DataPlane {
  const { config, loaded, log, clock, events } = house;
  const cancels = createCancels();
  const acceptor = createAcceptor({ duplicator: house.duplicator, log });
  let listening = false;
  let addresses: readonly Address[] = [];

  const pool = createThreadPool({
    count: config.ioThreads,
    clock,
    log,
    spawn: (number) => spawnWorker(house.module, { name: `io-${number}`, env: environment(config.ioThreads) }),
    boot: ({ channel }) =>
      channel.call("boot", {
        raw: withoutModels(loaded.raw),
        file: loaded.file,
        baseDir: loaded.baseDir,
        maxInFlight: Math.ceil(config.limits.inFlight / config.ioThreads),
      }),
    introduce: async (thread) => {
      await Promise.all([mirror.introduce(thread), sharing.introduce(thread)]);
      if (listening) await thread.channel.call("listen", undefined);
    },
    callsFor,
    lost: (thread) => {
      acceptor.lost(thread);
      cancels.lost(thread);
      counts.lost(thread);
    },
  });
  const { threads } = pool;
  const seen = createSeenTables();
  const sharing = createSharing({
    threads,
    cancels,
    clock,
    modelsFor: (thread) => house.modelsOf(() => seen.of(thread)),
  });
  const counts = createThreadCounts(house.page, threads, clock);
  const models = remembered(house.models, (list): readonly ThreadModel[] => list.map(threadModel));
  const mirror = createMirror({
    threads,
    events,
    clock,
    seen,
    truth: {
      routes: () => house.manager.routes,
      status: ({ name }) => house.manager.status(name),
      models: () => house.frontend.models(),
      readiness: () => house.frontend.readiness(),
      configured: models,
    },
  });

  /** The answers of those that have one. */
  const all = async <T>(ask: (thread: Thread) => Promise<T>, own?: () => T | Promise<T>): Promise<readonly T[]> => {
    const asked = [...threads].map(ask);
    // What calls other models runs in this thread, and so do the batches of those.
    if (own) asked.push((async () => own())());
    const answers = await Promise.allSettled(asked);
    return answers.flatMap((answer) => (answer.status === "fulfilled" ? [answer.value] : []));
  };

  async function batches(spec: ModelSpec): Promise<readonly BatchRecord[]> {
    const own = () => house.frontend.batches(spec);
    const told = await all(({ channel }) => channel.call("batches", spec), own);
    return told.flat().sort((a, b) => a.age - b.age);
  }

  async function refusals(spec: ModelSpec) {
    const sum: Partial<Record<CodeName, number>> = {};
    const own = () => house.frontend.refusals(spec);
    for (const counted of await all(({ channel }) => channel.call("refusals", spec), own)) {
      for (const [code, count] of Object.entries(counted) as [CodeName, number][]) sum[code] = (sum[code] ?? 0) + count;
    }
    return sum;
  }

  function callsFor(thread: Thread): MainCalls {
    return {
      ...sharing.callsFor(thread),
      listen: acceptor.listen,
      accepts: (listener) => acceptor.accepts(thread, listener),
      closed: () => acceptor.closed(thread),
      abort: (call) => cancels.abort(thread, call),
      reload: ({ call, models }) =>
        cancels.during(thread, call, async (signal) => {
          await house.frontend.reload(models, { signal });
          await mirror.inStep();
        }),
      metricsPage: () => counts.render(),
      batches,
      refusals,
      logged: (request) => house.requests(request.model)?.add(receivedRequest(request)),
      log: ({ level, fields, message }) => log[level]({ ...fields, thread: thread.number }, message),
    };
  }

  return {
    start: pool.start,
    listen: async (stopping) => {
      if (stopping()) return [];
      listening = true;
      [addresses = []] = await Promise.all([...threads].map(({ channel }) => channel.call("listen", undefined)));
      return stopping() ? [] : addresses;
    },
    get open() {
      return listening;
    },
    announceEnd: () => {
      for (const { channel } of threads) channel.tell("announceEnd", undefined);
    },
    draining: (timeout) => [
      {
        name: "I/O threads",
        close: async () => {
          await acceptor.close();
          await all(({ channel }) => channel.call("drain", timeout));
        },
      },
    ],
    closing: () => [
      { name: "transports of the I/O threads", close: () => all(({ channel }) => channel.call("close", undefined)) },
      { name: "I/O threads", close: pool.close },
    ],
    shared: sharing.shared,
    rerouted: mirror.rerouted,
    changed: mirror.changed,
    inStep: mirror.inStep,
  };
}

/**
 * Native runs of all threads share libuv's pool, and each thread bounds its own by this variable: it is given its part.
 * libuv has read it long before.
 */
function environment(count: number): NodeJS.ProcessEnv {
  const size = Number.parseInt(process.env.UV_THREADPOOL_SIZE ?? "4", 10) || 1;
  return { ...process.env, UV_THREADPOOL_SIZE: String(Math.max(1, Math.floor(size / count))) };
}

/** What `make` makes of `source`'s value, made anew when that is another. */
function remembered<S extends object, T>(source: () => S, make: (value: S) => T): () => T {
  let known: { readonly from: S; readonly made: T } | undefined;
  return () => {
    const from = source();
    if (known?.from !== from) known = { from, made: make(from) };
    return known.made;
  };
}
