/**
 * Who keeps what alive while native code uses it. V8 sees neither the pointers that a library keeps nor the calls that
 * run on other threads: a buffer whose last use in JavaScript has passed is free to go, even inside a suspended async
 * function, and a library whose handle is collected is closed under its callers.
 *
 * Both sets hang on `globalThis`, so that no reload of this module can drop them.
 */
type Held = { readonly forever: Set<unknown>; readonly inFlight: Set<readonly unknown[]> };

const key = Symbol.for("salver.native.held");
const registry = globalThis as unknown as Record<symbol, Held | undefined>;
registry[key] ??= { forever: new Set(), inFlight: new Set() };
const held: Held = registry[key];

/** Keeps `value` reachable for the life of the process: library handles, prototypes, types, functions, callbacks. */
export function holdForever<T>(value: T): T {
  held.forever.add(value);
  return value;
}

/** Keeps `values` reachable until the returned function is called. */
export function hold(values: readonly unknown[]): () => void {
  held.inFlight.add(values);
  return () => {
    held.inFlight.delete(values);
  };
}

/**
 * A use of `values` that the optimiser cannot drop: what is named here is alive at least until this line. Put it after
 * the last native use of memory that the library reached through a raw pointer.
 */
export function keepAlive(...values: readonly unknown[]): void {
  held.inFlight.add(values);
  held.inFlight.delete(values);
}

/** How many native calls hold memory now; for tests and diagnostics. */
export const heldInFlight = (): number => held.inFlight.size;
