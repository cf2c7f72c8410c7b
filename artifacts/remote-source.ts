import { type Artifact, ArtifactCacheToken, type Host, type Sighting, type Source } from "../core/index.js";
import { backoff, jittered } from "./backoff.js";
import { memoryOf } from "./memory.js";
import { offering } from "./offering.js";
import { guard, offeredIn, offerKey, resumed, settledIn, waitingIn } from "./publish-guard.js";
import type { LookRules, RemotePlace } from "./remote-place.js";
import { retryAfterOf } from "./retry-after.js";
import { secondChances } from "./second-chances.js";
import { watchLog } from "./watch-log.js";

/** Between two looks at versions that are still changing, where there would be no other look. */
const settlePoll = 5000;
const longestBackoff = 300_000;
/** Timers cannot wait longer. */
const longest = 2 ** 31 - 1;

const keyOf = (artifacts: readonly Artifact[]) =>
  artifacts
    .map(({ version, uri, attempt }) => `${version} ${uri} ${attempt}`)
    .toSorted()
    .join("\n");

/**
 * Watches a remote place: looks again and again, offers what the guard lets pass, fetches through the cache. While the
 * place cannot be looked at, what was offered stays; at a start without it, what was last offered is offered again as
 * far as the cache has it.
 */
export function remoteSource(host: Host, place: RemotePlace, rules: LookRules): Source {
  const { id: model, clock } = host;
  const poll = rules.poll || settlePoll;
  const disposed = new AbortController();

  async function* sightings(signal: AbortSignal): AsyncGenerator<Sighting, void, void> {
    const cache = host.get(ArtifactCacheToken);
    const chances = secondChances(Math.max(1000, poll), clock);
    const offer = offering(model, place, cache, chances);
    const memory = memoryOf(place.memory, place.uri, cache, host.log);
    const retries = backoff({ first: Math.min(1000, poll), most: Math.max(longestBackoff, poll) });
    const say = watchLog(host, place, rules);
    const sleep = (ms: number) => clock.sleep(Math.min(ms, longest), signal).catch(() => {});

    const before = await memory.recall();
    const held = new Set<bigint>();
    for (const each of before.versions) if (await offer.isHeld(each)) held.add(each.version);
    let state = resumed(before.versions, held, rules.settle);
    let remembered = offerKey(state);
    let sighted: string | undefined;

    while (!signal.aborted) {
      const settled = new Map(settledIn(state).map((each) => [each.version, each]));
      const look = await place.look(signal, settled).then(
        (seen) => ({ seen }),
        (error: unknown) => ({ error }),
      );
      if (signal.aborted) return;

      if ("error" in look) {
        const wait = retries.next(retryAfterOf(look.error));
        const last = sighted === undefined ? offeredIn(state) : [];
        say.failed(look.error, sighted !== undefined || last.length > 0, wait);
        if (last.length > 0) {
          say.offline(last, before.at);
          const artifacts = offer.update(last);
          sighted = keyOf(artifacts);
          yield { model, versions: artifacts };
        }
        await sleep(wait);
        continue;
      }

      retries.reset();
      say.passed();
      state = guard(state, look.seen, rules.settle);
      say.waiting(state);
      const versions = offeredIn(state);
      chances.pass(versions);
      const artifacts = offer.update(versions);
      const waiting = waitingIn(state).length > 0;
      if (offerKey(state) !== remembered) {
        remembered = offerKey(state);
        await memory.remember(versions);
      }
      // At the start "nothing yet" is no news while something is on its way.
      const early = sighted === undefined && versions.length === 0 && waiting;
      if (!early && keyOf(artifacts) !== sighted) {
        if (versions.length === 0) say.empty(sighted === undefined);
        sighted = keyOf(artifacts);
        yield { model, versions: artifacts };
      }
      await sleep(rules.poll > 0 || waiting ? jittered(poll) : longest);
    }
  }

  return {
    watch: (signal) => sightings(AbortSignal.any([signal, disposed.signal])),
    [Symbol.asyncDispose]: async () => disposed.abort(),
  };
}
