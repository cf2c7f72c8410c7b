import { randomBytes } from "node:crypto";
import { mkdir, readdir, rm, stat, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Layout } from "./layout.js";
import { ownIdentity, standingOf } from "./process-identity.js";
import { isMissing } from "./system-errors.js";

/** How often a process says that it is alive, to those who cannot see it. */
const HEARTBEAT = 5_000;
/** After how long without a word it is dead to them. */
const SILENCE = 60_000;

/** This process, as others who share the cache see it: what it uses, and what it is working at. */
export interface Owner {
  readonly id: string;
  /** Must come before all else here; the same number of `leave`s lets this process be forgotten. */
  enter(): Promise<void>;
  leave(): void;
  /** A new path for what is unfinished: it goes with this process. */
  workspace(): string;
  /** Marks a version as in use until what is returned is called. */
  use(name: string): Promise<() => void>;
  /** Whether the process with this id is at work. */
  isAlive(id: string): Promise<boolean>;
  /** Versions in use by any process. */
  used(): Promise<ReadonlySet<string>>;
  /** Resolves when all that was begun by calls that do not wait is done. */
  idle(): Promise<void>;
}

export function createOwner(layout: Layout): Owner {
  const id = `${ownIdentity}-${randomBytes(4).toString("hex")}`;
  const folder = layout.owner(id);
  const mark = (name: string) => join(layout.uses(id), name);
  const uses = new Map<string, number>();
  let entered = 0;
  let made = 0;
  let beat: NodeJS.Timeout | undefined;

  // One step after another: a mark that goes and the same mark that comes must not overtake each other.
  let last: Promise<unknown> = Promise.resolve();
  function inTurn<T>(work: () => Promise<T>): Promise<T> {
    const result = last.then(work);
    last = result.catch(() => {});
    return result;
  }

  async function appear(): Promise<void> {
    await mkdir(layout.uses(id), { recursive: true });
    for (const name of uses.keys()) await writeFile(mark(name), "");
  }

  async function sayAlive(): Promise<void> {
    if (entered === 0) return;
    const now = new Date();
    try {
      await utimes(folder, now, now);
    } catch (error) {
      // Someone who had not heard from this process for long has cleared it away.
      if (isMissing(error)) await appear();
    }
  }

  async function isAlive(other: string): Promise<boolean> {
    if (other === id) return true;
    const standing = await standingOf(other);
    if (standing !== "unknown") return standing === "alive";
    // Both times are the file system's: the clocks of two machines need not agree.
    await inTurn(sayAlive);
    const [theirs, own] = await Promise.all(
      [layout.owner(other), folder].map((path) => stat(path).catch(() => undefined)),
    );
    return theirs !== undefined && (own === undefined || own.mtimeMs - theirs.mtimeMs < SILENCE);
  }

  return {
    id,
    isAlive,
    async enter() {
      entered++;
      beat ??= setInterval(() => void inTurn(sayAlive).catch(() => {}), HEARTBEAT).unref();
      try {
        await inTurn(appear);
      } catch (error) {
        this.leave();
        throw error;
      }
    },
    leave() {
      entered--;
      if (entered > 0) return;
      clearInterval(beat);
      beat = undefined;
      void inTurn(async () => {
        if (entered === 0) await rm(folder, { recursive: true, force: true });
      }).catch(() => {});
    },
    workspace: () => join(folder, String(made++)),
    async use(name) {
      uses.set(name, (uses.get(name) ?? 0) + 1);
      const end = () => {
        const left = (uses.get(name) ?? 1) - 1;
        if (left > 0) return void uses.set(name, left);
        uses.delete(name);
        const done = async () => {
          if (!uses.has(name)) await rm(mark(name), { force: true });
        };
        void inTurn(done).catch(() => {});
      };
      try {
        await inTurn(() => writeFile(mark(name), ""));
        return end;
      } catch (error) {
        end();
        throw error;
      }
    },
    async used() {
      const found = new Set<string>(uses.keys());
      for (const other of await readdir(layout.owners)) {
        // Of this one the marks on disk come and go a moment later.
        if (other === id || !(await isAlive(other))) continue;
        for (const name of await readdir(layout.uses(other)).catch(() => [])) found.add(name);
      }
      return found;
    },
    idle: () => last.then(() => {}),
  };
}
