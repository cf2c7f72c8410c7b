import { type Host, toServingError } from "../core/index.js";
import type { ListedVersion } from "./listing.js";
import { type GuardState, waitingIn } from "./publish-guard.js";
import type { LookRules, RemotePlace } from "./remote-place.js";

const inWords = (ms: number) => (ms < 10_000 ? `${Math.round(ms / 100) / 10} s` : `${Math.round(ms / 1000)} s`);
const list = (versions: readonly ListedVersion[]) => versions.map((each) => each.version).join(", ");

/** What watching a remote place has to say; nothing twice while it stays so. */
export interface WatchLog {
  /** Says each cause once, until one look has passed. `offered`: something stays meanwhile. `wait`: ms to the next look. */
  failed(error: unknown, offered: boolean, wait: number): void;
  passed(): void;
  /** These are offered without the place being seen; `at`: when it was, milliseconds since 1970. */
  offline(versions: readonly ListedVersion[], at: number): void;
  empty(first: boolean): void;
  waiting(state: GuardState): void;
}

export function watchLog({ id: model, log }: Host, place: RemotePlace, rules: LookRules): WatchLog {
  const { uri, wanted, completedBy } = place;
  const apart = rules.poll > 0 ? `, ${inWords(rules.poll)} apart,` : "";
  const troubles = new Set<string>();
  let told = new Set<string>();

  return {
    failed(error, offered, wait) {
      const failure = toServingError(error);
      const { code, message } = failure;
      const kind = `${code} ${message}`;
      if (troubles.has(kind)) return;
      troubles.add(kind);
      const meanwhile = offered ? "what is offered stays" : `${model} waits for a version`;
      const next = `next look in ${inWords(wait)}, then less and less often`;
      // A ServingError says all that a person needs; only what nobody has foreseen is worth a stack.
      const cause = failure === error ? {} : { cause: failure.cause };
      log.error({ uri, code, ...cause }, `cannot look at ${uri}, ${meanwhile}; ${next}: ${message}`);
    },
    passed() {
      if (troubles.size > 0) log.info({ uri }, `${uri} can be looked at again`);
      troubles.clear();
    },
    offline(versions, at) {
      const when = new Date(at).toISOString();
      log.warn(
        { uri },
        `${uri} cannot be looked at: ${model} starts from this machine's cache with version ${list(versions)}, ` +
          `what was there at ${when}; looking goes on`,
      );
    },
    empty(first) {
      const again = rules.poll > 0 ? `looked for again every ${inWords(rules.poll)}` : "not looked for again";
      const waits = first ? `${model} waits for a version: ` : "";
      log.warn({ uri }, `${waits}there is no version at ${uri}; expected ${wanted}, which is ${again}`);
    },
    waiting(state) {
      const now = new Set<string>();
      const unchanged = `${rules.settle} looks in a row${apart} have found it unchanged`;
      for (const { version, changed, complete } of waitingIn(state)) {
        const key = `${version} ${changed} ${complete}`;
        now.add(key);
        if (told.has(key)) continue;
        const until = complete === false ? `there is ${completedBy}` : unchanged;
        const text = changed
          ? `version ${version} at ${uri} has other files than before: what is loaded stays, and the next load takes ` +
            `them, once ${until}. Give new files a new number`
          : `version ${version} at ${uri} is not offered until ${until}`;
        log[changed ? "warn" : "info"]({ uri, version: String(version) }, text);
      }
      told = now;
    },
  };
}
