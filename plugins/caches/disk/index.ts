import {
  type ArtifactCache,
  ArtifactCacheToken,
  CacheSettingsToken,
  ClockToken,
  type Container,
  definePlugin,
  LoggerToken,
  provide,
  TelemetryToken,
} from "../../../core/index.js";

/** Nothing is loaded, and no folder is made, before a version is asked for. */
function lazily(container: Container): ArtifactCache {
  let opened: Promise<ArtifactCache> | undefined;
  const open = async (): Promise<ArtifactCache> => {
    const { createDiskCache } = await import("./disk-cache.js");
    const log = container.get(LoggerToken).child({ component: "cache" });
    const [clock, telemetry] = [container.get(ClockToken), container.get(TelemetryToken)];
    return createDiskCache({ ...container.get(CacheSettingsToken), clock, log, telemetry });
  };
  const cache = () => {
    opened ??= open();
    return opened;
  };
  return {
    bring: async (version, signal) => (await cache()).bring(version, signal),
    has: async (version) => (await cache()).has(version),
    remember: async (place, text) => (await cache()).remember(place, text),
    remembered: async (place) => (await cache()).remembered(place),
  };
}

export default definePlugin({
  name: "disk-cache",
  factories: [],
  providers: [provide(ArtifactCacheToken, lazily)],
});
