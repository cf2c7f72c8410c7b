import type { PreparedConfig } from "../../core/index.js";

type Resolved = PreparedConfig["config"];
type Choice = Resolved["models"][number]["versions"];

/** A resolved config as plain data: component references spelled out, times in milliseconds, sizes in bytes. */
export function printable(config: Resolved): unknown {
  const { models, transports, ...rest } = config;
  const component = ({ factory, options }: { factory: { type: string }; options: unknown }) => ({
    type: factory.type,
    ...(options as object),
  });
  return plain({
    models: Object.fromEntries(
      models.map(({ name, source, servable, policy, batcher, warmups, requestLog, versions, labels }) => [
        name,
        {
          source: component(source),
          servable: servable ? component(servable) : "auto",
          versions: choice(versions),
          policy: component(policy),
          ...(labels.size > 0 ? { labels: Object.fromEntries(labels) } : {}),
          ...(batcher ? { batching: component(batcher) } : {}),
          ...(warmups.length > 0 ? { warmup: warmups.map(component) } : {}),
          ...(requestLog ? { requestLog: { ...component(requestLog), samplingRate: requestLog.samplingRate } } : {}),
        },
      ]),
    ),
    transports: transports.map(component),
    ...rest,
  });
}

function choice(versions: Choice): unknown {
  if (versions.kind === "all") return "all";
  return versions.kind === "latest" ? { latest: versions.count } : versions.versions;
}

/**
 * Version numbers are bigints, which neither YAML nor JSON writers take; numbers stay exact only up to 2^53. Keys in the
 * config are not shown.
 */
function plain(value: unknown): unknown {
  if (typeof value === "bigint") return value <= Number.MAX_SAFE_INTEGER ? Number(value) : String(value);
  if (typeof value === "string" && value.includes("PRIVATE KEY-----")) return "(a private key)";
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, item]) => (item === undefined ? [] : [[key, plain(item)]])),
  );
}
