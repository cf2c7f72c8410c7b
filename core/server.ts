import { type Clock, systemClock } from "./clock.js";
import type { LoadedConfig } from "./config/load-config.js";
import { prepareConfig } from "./config/prepare.js";
import type { ResolvedModel } from "./config/resolve.js";
import type { Config } from "./config/schema.js";
import { createContainer, provide, type Token, token } from "./container.js";
import { messageOf } from "./errors.js";
import type { Frontend } from "./frontend.js";
import type { Host } from "./host.js";
import { createEventBus, type EventBus, EventBusToken } from "./lifecycle/events.js";
import type { LoadedVersion } from "./lifecycle/live-version.js";
import { createManager } from "./lifecycle/manager.js";
import { createMemoryLedger } from "./lifecycle/memory.js";
import { type Logger, silentLogger } from "./logger.js";
import { MetricsPageToken } from "./metrics-page.js";
import type { Plugin } from "./plugin.js";
import { createFrontend } from "./serving/frontend.js";
import { loaderChoice } from "./serving/loader-choice.js";
import { readinessOf } from "./serving/readiness.js";
import { closeInOrder } from "./serving/shutdown.js";
import { watchSource } from "./serving/watch-source.js";
import type { Source } from "./source.js";
import { silentTelemetry, TelemetryToken } from "./telemetry.js";
import type { Address, Transport } from "./transport.js";

export const LoggerToken = token<Logger>("Logger");
export const ClockToken = token<Clock>("Clock");

export type ServerOptions = {
  /** The plugins that come with the distribution; the config's own are added. See "salver/plugins". */
  readonly plugins: readonly Plugin[];
  readonly log?: Logger;
  readonly clock?: Clock;
};

export interface Server {
  /** Starts sources and transports. @throws when a transport cannot listen; nothing is left running then */
  start(): Promise<readonly Address[]>;
  /** Resolves when every model has been sighted and its versions are loaded or have failed. */
  readonly settled: Promise<void>;
  readonly frontend: Frontend;
  readonly events: EventBus;
  /** What is loaded, for people. */
  versions(): readonly LoadedVersion[];
  /** Turns not ready, takes nothing new, finishes what is under way, unloads, closes. Safe to call twice. */
  stop(): Promise<void>;
}

/**
 * A server from a config object, or from a file that `loadConfig` read. Listens to nothing before `start`.
 * @throws ConfigError with every problem of the config
 */
export async function createServer(config: Config | LoadedConfig, options: ServerOptions): Promise<Server> {
  const { log = silentLogger, clock = systemClock, plugins } = options;
  const loaded = "locate" in config ? config : inCode(config);
  const prepared = await prepareConfig(loaded, plugins);
  const { config: resolved, registry } = prepared;
  const { loading, limits, shutdown } = resolved;

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
  const hostFor = (id: string): Host => ({
    id,
    baseDir: loaded.baseDir,
    clock,
    log: log.child({ component: id }),
    get: <T>(wanted: Token<T>) => container.get(wanted),
  });
  await prepared.check(hostFor);

  const telemetry = container.get(TelemetryToken);
  const memory = createMemoryLedger(loading.memory);
  const manager = createManager({ clock, log, events, memory, telemetry, loadConcurrency: loading.concurrency });
  const names = resolved.models.map((model) => model.name);
  const readiness = readinessOf(names, manager.settled);
  events.subscribe(readiness.update);
  const frontend = createFrontend({
    manager,
    models: () => names,
    readiness: readiness.now,
    maxInFlight: limits.inFlight,
    telemetry,
    onInternalError: (model, version, error) =>
      log.error({ model, version: String(version), error }, `a request to ${model} failed inside: ${messageOf(error)}`),
  });

  const watching = new AbortController();
  const sources: { readonly name: string; readonly source: Source; readonly ended: Promise<void> }[] = [];
  const transports: { readonly name: string; readonly transport: Transport }[] = [];

  async function startModel(model: ResolvedModel): Promise<void> {
    const host = hostFor(model.name);
    const source = await model.source.factory.create(host, model.source.options);
    const policy = await model.policy.factory.create(host, model.policy.options);
    const batcher = model.batcher && (await model.batcher.factory.create(host, model.batcher.options));
    manager.add({
      name: model.name,
      versions: model.versions,
      labels: model.labels,
      policy,
      loader: loaderChoice(model.servable, registry, host),
      load: { retries: loading.retries, retryInterval: loading.retryInterval },
      wrap: (servable) => batcher?.wrap(servable) ?? servable,
    });
    const sight = (versions: Parameters<typeof manager.sight>[1]) => {
      manager.sight(model.name, versions);
      readiness.update();
    };
    sources.push({ name: model.name, source, ended: watchSource(source, sight, watching.signal, host) });
  }

  async function start(): Promise<readonly Address[]> {
    try {
      for (const model of resolved.models) await startModel(model);
      const addresses: Address[] = [];
      for (const { factory, options } of resolved.transports) {
        const transport = await factory.create(hostFor(factory.type), options);
        transports.push({ name: factory.type, transport });
        addresses.push(await transport.listen(frontend));
      }
      return addresses;
    } catch (error) {
      await stop();
      throw error;
    }
  }

  let stopping: Promise<void> | undefined;
  const stop = () => {
    stopping ??= close();
    return stopping;
  };

  async function close(): Promise<void> {
    readiness.drain();
    if (shutdown.delay > 0 && transports.length > 0) await clock.sleep(shutdown.delay);
    const deadline = AbortSignal.timeout(shutdown.timeout);
    await Promise.all(
      transports.map(({ name, transport }) =>
        closeInOrder(
          [{ name: `transport ${name}`, close: () => transport.drain(deadline) }],
          shutdown.timeout + 1000,
          log,
        ),
      ),
    );
    watching.abort();
    await closeInOrder(
      [
        ...sources.map(({ name, source, ended }) => ({
          name: `source of ${name}`,
          close: async () => {
            await ended;
            await source[Symbol.asyncDispose]();
          },
        })),
        { name: "loaded models", close: () => manager[Symbol.asyncDispose]() },
        ...transports.reverse().map(({ name, transport }) => ({
          name: `transport ${name}`,
          close: () => transport[Symbol.asyncDispose](),
        })),
      ],
      shutdown.timeout,
      log,
    );
  }

  return { start, settled: readiness.settled, frontend, events, versions: manager.describe, stop };
}

/** A config given as an object has no file; its relative paths are relative to the working folder. */
function inCode(raw: Config): LoadedConfig {
  return { raw, file: "config", baseDir: process.cwd(), locate: () => undefined };
}
