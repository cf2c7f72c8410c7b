// tsyringe refuses to load without it, and it must come first.
import "reflect-metadata";
import { type DependencyContainer, instanceCachingFactory, container as root } from "tsyringe";

/** At once the identifier of a component and the carrier of its type. */
export type Token<T> = { readonly key: symbol; readonly name: string; readonly _type?: T };

/** Tokens of one name are one token, also when two copies of the package are loaded. */
export function token<T>(name: string): Token<T> {
  return { key: Symbol.for(`salver.token.${name}`), name };
}

export type Provider<T = unknown> = {
  readonly token: Token<T>;
  readonly create: (container: Container) => T;
};

/** Says how to make what `token` stands for: once, at the first `get`. */
export function provide<T>(token: Token<T>, create: (container: Container) => T): Provider<T> {
  return { token, create };
}

/** Wires components; it does not own their lifetimes. */
export interface Container {
  /** @throws Error that names the token when nothing provides it */
  get<T>(token: Token<T>): T;
  has(token: Token<unknown>): boolean;
  /** A later provider of a token replaces the earlier one. */
  add(...providers: readonly Provider[]): void;
  /** A container that sees this one's components and can replace them for itself. */
  child(): Container;
}

export function createContainer(parent: DependencyContainer = root): Container {
  const inner = parent.createChildContainer();
  const container: Container = {
    get: <T>(token: Token<T>) => {
      if (!inner.isRegistered(token.key, true)) {
        throw new Error(`nothing provides ${token.name}: is the plugin that brings it in the config's "plugins"?`);
      }
      return inner.resolve<T>(token.key);
    },
    has: (token) => inner.isRegistered(token.key, true),
    add: (...providers) => {
      for (const { token, create } of providers) {
        inner.register(token.key, { useFactory: instanceCachingFactory(() => create(container)) });
      }
    },
    child: () => createContainer(inner),
  };
  return container;
}
