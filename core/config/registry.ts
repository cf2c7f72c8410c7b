import type { AnyFactory, FactoryKind, Plugin } from "../plugin.js";
import { hint } from "./did-you-mean.js";

type OfKind<K extends FactoryKind> = Extract<AnyFactory, { kind: K }>;

/** The factories of all plugins. */
export interface Registry {
  readonly plugins: readonly Plugin[];
  list<K extends FactoryKind>(kind: K): readonly OfKind<K>[];
  find<K extends FactoryKind>(kind: K, type: string): OfKind<K> | undefined;
  /** `no servable type "onxx" is installed (did you mean "onnx"?)` */
  unknown(kind: FactoryKind, type: string): string;
}

/** @throws Error when two plugins bring one kind and type; it names both */
export function createRegistry(plugins: readonly Plugin[]): Registry {
  const owners = new Map<string, Plugin>();
  const factories: AnyFactory[] = [];
  for (const plugin of plugins) {
    for (const factory of plugin.factories) {
      const key = `${factory.kind} ${factory.type}`;
      const owner = owners.get(key);
      if (owner) {
        throw new Error(`the plugins ${owner.name} and ${plugin.name} both bring a ${factory.kind} "${factory.type}"`);
      }
      owners.set(key, plugin);
      factories.push(factory);
    }
  }
  const list = <K extends FactoryKind>(kind: K) => factories.filter((factory) => factory.kind === kind) as OfKind<K>[];
  return {
    plugins,
    list,
    find: (kind, type) => list(kind).find((factory) => factory.type === type),
    unknown: (kind, type) => {
      const known = list(kind).map((factory) => factory.type);
      const none = known.length === 0 ? ": no plugin brings one" : "";
      return `no ${kind} "${type}" is installed${none}${hint(type, known)}`;
    },
  };
}
