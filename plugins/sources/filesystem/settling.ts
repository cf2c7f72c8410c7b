import { type Clock, type Logger, messageOf } from "../../../core/index.js";
import { fingerprint } from "./fingerprint.js";

type Watched = { readonly digest: string; readonly since: number };

/** Younger than this at the first look, a version may still be under way; clocks and file times are coarse. */
const grace = 1000;

/** Tells finished versions from those that are still being written. */
export interface Settling {
  /**
   * Which of `paths` have stood still for long enough. Once settled, a path stays so for as long as each call names
   * it. At the first call those are settled that nobody touched lately, so that a start is not held up.
   */
  settled(paths: readonly string[]): Promise<ReadonlySet<string>>;
  /** Milliseconds until the next path can be settled; `undefined` when nothing is changing. */
  due(): number | undefined;
}

export function settling(settle: number, clock: Clock, log: Logger): Settling {
  const done = new Set<string>();
  const changing = new Map<string, Watched>();
  const unreadable = new Set<string>();
  let first = true;

  const forgetAllBut = (paths: ReadonlySet<string>) => {
    for (const known of [done, changing, unreadable]) {
      for (const path of known.keys()) if (!paths.has(path)) known.delete(path);
    }
  };

  const hasSettled = async (path: string): Promise<boolean> => {
    if (settle === 0) return true;
    // Taken before the look, which may be slow: what changes while it lasts must not seem to be long ago.
    const start = { wall: Date.now(), clock: clock.now() };
    const seen = await fingerprint(path);
    unreadable.delete(path);
    if (first && seen.newest < start.wall - Math.max(settle, grace)) return true;
    const before = changing.get(path);
    if (before?.digest === seen.digest) return start.clock - before.since >= settle;
    changing.set(path, { digest: seen.digest, since: clock.now() });
    return false;
  };

  const look = async (path: string) => {
    try {
      if (!(await hasSettled(path))) return;
      changing.delete(path);
      done.add(path);
    } catch (error) {
      changing.delete(path);
      if (!unreadable.has(path)) log.warn({ path }, `${path} waits until it can be read: ${messageOf(error)}`);
      unreadable.add(path);
    }
  };

  return {
    async settled(paths) {
      forgetAllBut(new Set(paths));
      for (const path of paths) if (!done.has(path)) await look(path);
      first = false;
      return new Set(done);
    },
    due() {
      const times = [...changing.values()].map((each) => each.since + settle - clock.now());
      return times.length === 0 ? undefined : Math.max(0, Math.min(...times));
    },
  };
}
