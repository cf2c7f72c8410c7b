import { readdir } from "node:fs/promises";
import type { Registry } from "../config/registry.js";
import type { Component } from "../config/resolve.js";
import { failedPrecondition } from "../errors.js";
import type { Host } from "../host.js";
import type { LoaderChoice } from "../lifecycle/load.js";
import type { LocalVersion } from "../loader.js";
import type { LoaderFactory, ServableFactory } from "../plugin.js";

/** How a model's versions find their loader: the type that the config names, else the one that knows the files. */
export function loaderChoice(
  servable: Component<"servable"> | undefined,
  registry: Registry,
  host: Host,
): LoaderChoice {
  const made = new Map<ServableFactory, Promise<LoaderFactory>>();
  const make = (factory: ServableFactory, options: unknown) => {
    const known = made.get(factory);
    if (known) return known;
    const making = Promise.resolve().then(() => factory.create(host, options));
    made.set(factory, making);
    // What failed is tried again with the next attempt to load.
    making.catch(() => made.delete(factory));
    return making;
  };
  if (servable) {
    const { factory, options } = servable;
    return async () => ({ type: factory.type, make: await make(factory, options) });
  }
  return async (version) => {
    const factory = await detectServable(version, registry.list("servable"));
    return { type: factory.type, make: await make(factory, factory.options.parse({})) };
  };
}

/**
 * The type that knows the files.
 * @throws FAILED_PRECONDITION when none does, or more than one
 */
export async function detectServable(
  { path }: Pick<LocalVersion, "path">,
  factories: readonly ServableFactory[],
): Promise<ServableFactory> {
  const able = factories.filter((factory) => factory.detect);
  const answers = await Promise.all(able.map((factory) => factory.detect?.(path).catch(() => false)));
  const [first, second] = able.filter((_, i) => answers[i]);
  if (first && !second) return first;
  const names = (list: readonly string[]) => (list.length === 0 ? "nothing" : list.slice(0, 10).join(", "));
  const files = await readdir(path).catch(() => []);
  throw failedPrecondition(
    first
      ? `the files look like ${first.type} and like ${second?.type}: say which with "servable"`
      : `no servable type knows these files (${names(files)}): ${names(able.map(({ type }) => type))} looked at them; ` +
          `name the type with "servable" if it is another`,
  );
}
