type Key = string | bigint | undefined;

/**
 * A tree of maps: the way from labels to what is counted for them. Several times faster than one map whose key would
 * have to be put together of all labels for every request.
 */
export type Branch<T> = { readonly next: Map<Key, Branch<T>>; leaf: T | undefined };

export const newBranch = <T>(): Branch<T> => ({ next: new Map(), leaf: undefined });

export function step<T>(from: Branch<T>, key: Key): Branch<T> {
  const known = from.next.get(key);
  if (known) return known;
  const made = newBranch<T>();
  from.next.set(key, made);
  return made;
}
