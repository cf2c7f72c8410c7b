import { basename } from "node:path";
import { CacheSettingsToken } from "./artifact-cache.js";
import { type Clock, ClockToken, systemClock } from "./clock.js";
import { cacheSettings } from "./config/cache-settings.js";
import { ConfigError, type ConfigPath, formatPlace, isConfigError } from "./config/config-error.js";
import type { LoadedConfig } from "./config/load-config.js";
import { type ConfigOrigin, prepareConfig } from "./config/prepare.js";
import type { Config } from "./config/schema.js";
import { createContainer, provide, type Token } from "./container.js";
import { failedPrecondition, invalidArgument, messageOf } from "./errors.js";
import type { Frontend, ReloadOptions } from "./frontend.js";
import type { Host } from "./host.js";
import { createEventBus, type EventBus, EventBusToken } from "./lifecycle/events.js";
import type { LoadedVersion } from "./lifecycle/live-version.js";
import { createManager } from "./lifecycle/manager.js";
import { createMemoryLedger } from "./lifecycle/memory.js";
import type { RoutingTable } from "./lifecycle/routing-table.js";
import { ListenerToken } from "./listener.js";
import { type Logger, LoggerToken, silentLogger } from "./logger.js";
import { MetricsPageToken } from "./metrics-page.js";
import { ModelsToken } from "./models.js";
import type { Plugin } from "./plugin.js";
import { createBatchLog, loggingBatches } from "./serving/batch-log.js";
import { type DataPlane, localPlane } from "./serving/data-plane.js";
import { createFrontend } from "./serving/frontend.js";
import { linkedModels } from "./serving/linked-models.js";
import { logInternalErrors } from "./serving/log-internal-error.js";
import { createModelSet } from "./serving/model-set.js";
import { readinessOf } from "./serving/readiness.js";
import { countRefusals } from "./serving/refusals.js";
import { closeInOrder } from "./serving/shutdown.js";
import { type DownloadListener, sharingDownloads, silentTelemetry, TelemetryToken } from "./telemetry.js";
import { ioThreads, type ThreadParts } from "./threads/io-threads.js";
import { threadProblems, unpostableModels } from "./threads/postable.js";
import type { Address } from "./transport.js";

export type ServerOptions = {
  /** The plugins that come with the distribution; the config's own are added. See "salver/plugins". */
  readonly plugins: readonly Plugin[];
  readonly log?: Logger;
  /** Hears of downloads from remote sources, beside the plugins' telemetry. */
  readonly downloads?: DownloadListener;
  readonly clock?: Clock;
  /**
   * Called with the models of each reload, to add what they cannot say for themselves, e.g. what the command line says
   * of every model. Must leave alone what it has added before.
   */
  readonly completeModels?: (models: Config["models"]) => Config["models"];
  /** For configs with `ioThreads` above 1. */
  readonly threads?: ThreadParts;
};

export interface Server {
  /** `load`, then `listen` at once: requests for what is not loaded yet are refused one by one. */
  start(): Promise<readonly Address[]>;
  /** Starts the sources, so that models are loaded; nothing listens yet. @throws, leaving nothing running */
  load(): Promise<void>;
  /** Opens the transports, once; none where the server stops. @throws when one cannot listen; nothing is left running then */
  listen(): Promise<readonly Address[]>;
  /** Resolves when every model has been sighted and its versions are loaded or have failed. */
  readonly settled: Promise<void>;
  readonly frontend: Frontend;
  readonly events: EventBus;
  /** `frontend.reload`, for models that were read from a file: problems are shown with its positions. */
  reload(models: Config["models"], options?: ReloadOptions & { readonly from?: ConfigOrigin }): Promise<void>;
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
  const { log = silentLogger, clock = systemClock, plugins, completeModels = (models) => models } = options;
  const loaded = "locate" in config ? config : inCode(config);
  const prepared = await prepareConfig(loaded, plugins);
  const { config: resolved, registry } = prepared;
  const { loading, limits, shutdown } = resolved;
  const threads = resolved.ioThreads > 1 ? options.threads : undefined;
  const problems = resolved.ioThreads > 1 ? threadProblems(loaded.raw, resolved.models, threads) : [];
  if (problems.length > 0) throw new ConfigError(problems, loaded.file, loaded.locate);

  const events = createEventBus((error) => log.error({ error }, `a listener of version events: ${messageOf(error)}`));
  const container = createContainer();
  container.add(
    provide(LoggerToken, () => log),
    provide(ClockToken, () => clock),
    provide(EventBusToken, () => events),
    provide(TelemetryToken, () => silentTelemetry),
    provide(MetricsPageToken, () => undefined),
    provide(ListenerToken, () => undefined),
    provide(CacheSettingsToken, () => cacheSettings(resolved.cache, loaded.baseDir)),
  );
  for (const plugin of registry.plugins) container.add(...(plugin.providers ?? []));
  let origin: ConfigOrigin = loaded;
  const hostFor = (id: string, path: ConfigPath = []): Host => ({
    id,
    baseDir: loaded.baseDir,
    clock,
    log: log.child({ component: id }),
    place: (option) => {
      const whole = [...path, ...option];
      // Clients may come to see it, in a status: they are not told where on this machine the file is.
      return formatPlace(whole, basename(origin.file), origin.locate(whole, true));
    },
    get: <T>(wanted: Token<T>) => container.get(wanted),
  });
  await prepared.check(hostFor);

  const listener = container.get(TelemetryToken);
  const batches = createBatchLog(clock, events);
  const refusals = countRefusals(events);
  const heard = sharingDownloads(loggingBatches(listener, batches, refusals), options.downloads ?? silentTelemetry);
  container.add(provide(TelemetryToken, () => heard));
  const telemetry = container.get(TelemetryToken);
  const memory = createMemoryLedger(loading.memory);
  const manager = createManager({
    clock,
    log,
    events,
    memory,
    telemetry,
    loadConcurrency: loading.concurrency,
    onReroute: () => plane.rerouted(),
  });
  const onInternalError = logInternalErrors(log, clock);
  const { checkMethods } = resolved.signatures;
  const modelsOf = (routes: () => RoutingTable) => linkedModels(routes, { onInternalError, telemetry, checkMethods });
  const linked = modelsOf(() => manager.routes);
  container.add(provide(ModelsToken, () => linked));
  const first = resolved.models.map((model) => model.name);
  const readiness = readinessOf(first, manager.settled);
  events.subscribe(readiness.update);
  const models = createModelSet({
    manager,
    registry,
    events,
    hostFor,
    checkMethods,
    load: loading,
    labels: loading.labels,
    shared: (choice) => plane.shared(choice),
    onChange: () => {
      readiness.keep(models.names());
      plane.changed();
    },
    close: (step) => closeInOrder([step], shutdown.timeout, log),
  });
  let started = false;

  const reload: Server["reload"] = async (wanted, { signal, from = nowhere } = {}) => {
    if (!started) throw failedPrecondition("models can be reloaded once the server has started");
    const prepare = async () => {
      try {
        const next = await prepared.models(completeModels(wanted), hostFor, from);
        const alien = threads ? unpostableModels(next) : [];
        if (alien.length > 0) throw new ConfigError(alien, from.file, from.locate);
        origin = from;
        return next;
      } catch (error) {
        throw isConfigError(error) ? invalidArgument(error.message, error) : error;
      }
    };
    await models.changeAndLoad(prepare, signal);
    await plane.inStep();
  };

  const frontend = createFrontend({
    manager,
    models: () => (started ? models.names() : first),
    readiness: readiness.now,
    reload,
    requests: models.requests,
    batches,
    refusals,
    batched: models.batched,
    maxInFlight: limits.inFlight,
    checkMethods,
    telemetry,
    onInternalError,
  });

  const plane: DataPlane = threads
    ? ioThreads({
        ...threads,
        config: resolved,
        loaded,
        log,
        clock,
        events,
        page: container.get(MetricsPageToken),
        manager,
        frontend,
        models: models.configs,
        modelsOf,
        requests: models.requests,
      })
    : localPlane({ transports: resolved.transports, hostFor, frontend });

  async function orStop<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      await stop();
      throw error;
    }
  }

  const load = () =>
    orStop(async () => {
      await plane.start();
      await models.change(async () => resolved.models);
      started = true;
    });

  let stopping: Promise<void> | undefined;
  const stop = () => {
    stopping ??= close();
    return stopping;
  };

  /** Opens nothing, and leaves nothing open, once the server stops. */
  const listen = () => orStop(() => plane.listen(() => stopping !== undefined));

  const start = async () => {
    await load();
    return listen();
  };

  async function close(): Promise<void> {
    readiness.drain();
    plane.changed();
    models.freeze();
    if (shutdown.delay > 0 && plane.open) {
      plane.announceEnd();
      await clock.sleep(shutdown.delay);
    }
    manager.hurry();
    const draining = plane.draining(shutdown.timeout);
    await Promise.all(draining.map((step) => closeInOrder([step], shutdown.timeout + 1000, log)));
    await closeInOrder(
      [
        ...models.closing(),
        { name: "loaded models", close: () => manager[Symbol.asyncDispose]() },
        ...models.closingLogs(),
        ...plane.closing(),
      ],
      shutdown.timeout,
      log,
    );
  }

  return {
    start,
    load,
    listen,
    settled: readiness.settled.then(() => plane.inStep()),
    frontend,
    events,
    reload,
    versions: manager.describe,
    stop,
  };
}

/** Models of a reload that were read from no file. */
const nowhere: ConfigOrigin = { file: "config", locate: () => undefined };

/** A config given as an object has no file; its relative paths are relative to the working folder. */
function inCode(raw: Config): LoadedConfig {
  return { raw, file: "config", baseDir: process.cwd(), locate: () => undefined };
}
