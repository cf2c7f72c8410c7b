const watched = new WeakMap<AbortSignal, Set<() => void>>();

/**
 * Calls `listener` once when `signal` aborts, unless the returned function is called before. However many listeners a
 * signal has, it carries one of ours: Node takes more than ten for a leak, and one signal may stand for many runs.
 */
export function onAbort(signal: AbortSignal, listener: () => void): () => void {
  let listeners = watched.get(signal);
  if (!listeners) {
    const added = new Set<() => void>();
    signal.addEventListener("abort", () => {
      for (const each of added) each();
      added.clear();
    });
    watched.set(signal, added);
    listeners = added;
  }
  const entry = () => listener();
  const mine = listeners;
  mine.add(entry);
  return () => {
    mine.delete(entry);
  };
}
