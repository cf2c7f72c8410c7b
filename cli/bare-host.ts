import {
  ClockToken,
  createContainer,
  type Host,
  LoggerToken,
  MetricsPageToken,
  type Plugin,
  provide,
  silentLogger,
  silentTelemetry,
  systemClock,
  TelemetryToken,
} from "../core/index.js";

/** A host for a component outside of any server: nothing is logged, nothing is measured. */
export function bareHost(plugins: readonly Plugin[], id: string, baseDir = process.cwd()): Host {
  const container = createContainer();
  container.add(
    provide(LoggerToken, () => silentLogger),
    provide(ClockToken, () => systemClock),
    provide(TelemetryToken, () => silentTelemetry),
    provide(MetricsPageToken, () => undefined),
  );
  for (const { providers = [] } of plugins) container.add(...providers);
  const place = (option: readonly (string | number)[]) => option.join(".");
  return { id, baseDir, log: silentLogger, clock: systemClock, place, get: (token) => container.get(token) };
}
