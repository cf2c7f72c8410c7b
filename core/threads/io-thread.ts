import { basename } from "node:path";
import { parentPort } from "node:worker_threads";
import { ClockToken, systemClock } from "../clock.js";
import { formatPlace } from "../config/config-error.js";
import { prepareConfig } from "../config/prepare.js";
import { createContainer, provide, type Token } from "../container.js";
import { messageOf } from "../errors.js";
import type { Frontend, VersionStatus } from "../frontend.js";
import type { Host } from "../host.js";
import { createEventBus, EventBusToken } from "../lifecycle/events.js";
import { noVersions } from "../lifecycle/status-history.js";
import { ListenerToken } from "../listener.js";
import { type Logger, LoggerToken } from "../logger.js";
import { MetricsPageToken } from "../metrics-page.js";
import type { Plugin } from "../plugin.js";
import { createBatchLog, loggingBatches } from "../serving/batch-log.js";
import { createFrontend } from "../serving/frontend.js";
import { logInternalErrors } from "../serving/log-internal-error.js";
import { countRefusals } from "../serving/refusals.js";
import { silentTelemetry, TelemetryToken } from "../telemetry.js";
import type { Address, Transport } from "../transport.js";
import { createAttachedVersions } from "./attached-versions.js";
import type { Boot, MainCalls, ServerStatus, ThreadCalls } from "./calls.js";
import { type Channel, openChannel } from "./channel.js";
import { createHandedConnections } from "./handed-connections.js";
import { postedLog } from "./posted-log.js";
import { postedRequests } from "./posted-requests.js";
import { abortable } from "./relayed-servable.js";

/**
 * The whole of an I/O thread: to be called by the module that `ServerOptions.threads` names, with the plugins that the
 * server has. It serves the data plane; what is loaded, and all that concerns the server as a whole, is the main thread's.
 */
export function runIoThread(plugins: readonly Plugin[]): void {
  const port = parentPort;
  if (!port) throw new Error("runIoThread is for a worker thread");
  const calls: Record<string, (argument: never) => unknown> = {
    boot: async (boot: Boot) => {
      Object.assign(calls, await createIoThread(boot, plugins, channel, log));
    },
  };
  const channel = openChannel<MainCalls>(port, calls, (name, error) =>
    log.error({ error }, `an I/O thread was told "${name}" and failed: ${messageOf(error)}`),
  );
  const log = postedLog((line) => channel.tell("log", line), {});
  process.on("unhandledRejection", (error) => {
    log.error({ error }, `a promise was rejected in an I/O thread and nobody handled it: ${messageOf(error)}`);
  });
}

type Opened = { readonly name: string; readonly transport: Transport };

async function createIoThread(
  { raw, file, baseDir, maxInFlight }: Boot,
  plugins: readonly Plugin[],
  channel: Channel<MainCalls>,
  log: Logger,
): Promise<Omit<ThreadCalls, "boot">> {
  const clock = systemClock;
  const { config, registry } = await prepareConfig({ raw, file, baseDir, locate: () => undefined }, plugins);
  const events = createEventBus((error) => log.error({ error }, `a listener of version events: ${messageOf(error)}`));
  const container = createContainer();
  container.add(
    provide(LoggerToken, () => log),
    provide(ClockToken, () => clock),
    provide(EventBusToken, () => events),
    provide(TelemetryToken, () => silentTelemetry),
    provide(MetricsPageToken, () => undefined),
  );
  for (const plugin of registry.plugins) container.add(...(plugin.providers ?? []));
  const page = container.get(MetricsPageToken);
  const listener = container.get(TelemetryToken);
  const batches = createBatchLog(clock, events);
  const refusals = countRefusals(events);
  const telemetry = loggingBatches(listener, batches, refusals);
  const render = () => channel.call("metricsPage", undefined);
  container.add(
    provide(TelemetryToken, () => telemetry),
    provide(MetricsPageToken, () => page && { contentType: page.contentType, render }),
  );
  const hostIn = (from: Pick<typeof container, "get">, id: string): Host => ({
    id,
    baseDir,
    clock,
    log: log.child({ component: id }),
    place: (option) => formatPlace(option, basename(file), undefined),
    get: <T>(wanted: Token<T>) => from.get(wanted),
  });

  const versions = createAttachedVersions({ registry, hostFor: (id) => hostIn(container, id), clock, channel });
  const connections = createHandedConnections(channel);
  const statuses = new Map<string, readonly VersionStatus[]>();
  let told: Omit<ServerStatus, "versions"> = { models: [], readiness: { ready: false, reasons: ["starting"] } };
  const sampler = postedRequests(channel, telemetry);

  const reload: Frontend["reload"] = async (models, { signal = new AbortController().signal } = {}) => {
    const { call, end } = abortable(channel, signal);
    await channel.call("reload", { call, models }).finally(end);
  };
  const local = createFrontend({
    manager: {
      get routes() {
        return versions.table;
      },
      status: (model) => {
        const known = statuses.get(model);
        if (!known) throw noVersions(model);
        return known;
      },
    },
    models: () => told.models,
    readiness: () => told.readiness,
    reload,
    requests: (model) => {
      const rate = versions.model(model)?.samplingRate;
      return rate === undefined ? undefined : sampler(rate);
    },
    batches,
    refusals,
    batched: (model) => versions.model(model)?.batching !== undefined,
    maxInFlight,
    checkMethods: config.signatures.checkMethods,
    telemetry,
    onInternalError: logInternalErrors(log, clock),
  });
  const frontend: Frontend = {
    ...local,
    // What is wrong with a question is seen here; the answer is that of all threads.
    batches: (spec) => {
      local.batches(spec);
      return channel.call("batches", spec);
    },
    refusals: (spec) => {
      local.refusals(spec);
      return channel.call("refusals", spec);
    },
  };

  const opened: Opened[] = [];
  const each = (work: (transport: Transport) => unknown) => Promise.all(opened.map(({ transport }) => work(transport)));

  let listening: Promise<readonly Address[]> | undefined;

  async function listen(): Promise<readonly Address[]> {
    const addresses: Address[] = [];
    for (const [index, { factory, options }] of config.transports.entries()) {
      const own = connections.listenerFor(index);
      const within = container.child();
      within.add(provide(ListenerToken, () => own));
      const transport = await factory.create(hostIn(within, factory.type), options);
      opened.push({ name: factory.type, transport });
      addresses.push(await transport.listen(frontend));
      if (own.asked) continue;
      throw new Error(
        `the transport ${factory.type} opens its port itself, which only one thread can: it does not take connections ` +
          'from the server\'s listener; set "ioThreads: 1"',
      );
    }
    return addresses;
  }

  return {
    models: versions.models,
    attach: versions.attach,
    detach: versions.detach,
    hurry: versions.hurry,
    routes: versions.routes,
    status: ({ versions: changed, ...rest }) => {
      told = rest;
      for (const [model, list] of changed) {
        if (list.length > 0) statuses.set(model, list);
        else statuses.delete(model);
      }
    },
    event: events.publish,
    listen: () => {
      listening ??= listen();
      return listening;
    },
    connection: connections.connection,
    announceEnd: () => {
      for (const { transport } of opened) transport.announceEnd?.();
    },
    drain: async (milliseconds) => {
      const deadline = AbortSignal.timeout(milliseconds);
      await each((transport) => transport.drain(deadline));
    },
    counted: () => page?.counted?.(),
    batches: (spec) => local.batches(spec) as ReturnType<ThreadCalls["batches"]>,
    refusals: (spec) => local.refusals(spec) as ReturnType<ThreadCalls["refusals"]>,
    close: async () => {
      await each((transport) => transport[Symbol.asyncDispose]());
      await versions[Symbol.asyncDispose]();
    },
  };
}
