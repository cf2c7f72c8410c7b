type Key = string | bigint | undefined;

/**
 * A tree of maps: the way from labels to what is counted for them. Several times faster than one map whose key would
 * have to be put together of all labels for every request.
 */
export type Branch<T> = {
  readonly next: Map<Key, Branch<T>>;
  leaf: T | undefined;
  /** The last that was stepped to, which the next one mostly is. */
  last: Branch<T> | undefined;
  lastKey: Key;
};

export const newBranch = <T>(): Branch<T> => ({
  next: new Map(),
  leaf: undefined,
  last: undefined,
  lastKey: undefined,
});

export function step<T>(from: Branch<T>, key: Key): Branch<T> {
  if (from.last !== undefined && from.lastKey === key) return from.last;
  let found = from.next.get(key);
  if (found === undefined) {
    found = newBranch<T>();
    from.next.set(key, found);
  }
  from.last = found;
  from.lastKey = key;
  return found;
}

export function cut<T>(from: Branch<T>, key: Key): void {
  from.next.delete(key);
  from.last = undefined;
}
