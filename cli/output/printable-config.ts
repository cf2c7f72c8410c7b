import { asWritten, configSchema, type PreparedConfig, type ServableFactory } from "../../core/index.js";

type Resolved = PreparedConfig["config"];
type Factory = Pick<ServableFactory, "type" | "options">;
type Choice = Resolved["models"][number]["versions"];

/** A resolved config as a config file would say it, with every default and component reference spelled out. */
export function printable(config: Resolved, plugins: unknown): unknown {
  const { models, transports, ...rest } = config;
  const component = ({ factory, options }: Pick<Resolved["transports"][number], "options"> & { factory: Factory }) => ({
    type: factory.type,
    ...(asWritten(factory.options, options) as object),
  });
  return plain({
    ...(plugins === undefined ? {} : { plugins }),
    models: Object.fromEntries(
      models.map(({ name, source, servable, policy, batcher, warmups, requestLog, versions, labels, group }) => [
        name,
        {
          ...(servable?.factory.declared ? {} : { source: component(source) }),
          ...(servable ? { servable: component(servable) } : {}),
          versions: choice(versions),
          policy: component(policy),
          ...(group === undefined ? {} : { group }),
          ...(labels.size > 0 ? { labels: Object.fromEntries(labels) } : {}),
          ...(batcher ? { batching: component(batcher) } : {}),
          warmup: warmups.length > 0 ? warmups.map(component) : false,
          ...(requestLog ? { requestLog: { ...component(requestLog), samplingRate: requestLog.samplingRate } } : {}),
        },
      ]),
    ),
    transports: transports.map(component),
    ...(asWritten(configSchema, rest) as object),
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
