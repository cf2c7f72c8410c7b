import { type ListedVersion, markOf } from "./listing.js";

type Known = {
  readonly mark: string;
  /** How many looks in a row have found it like this. */
  readonly looks: number;
  readonly complete: boolean | undefined;
  readonly offered: ListedVersion | undefined;
  readonly offeredMark: string | undefined;
};

/** What looks have told so far, by version. */
export type GuardState = ReadonlyMap<bigint, Known>;

/**
 * Keeps uploads that are under way from being taken for versions. One look further: `seen` is all that is there now.
 *
 * Laws: a version is offered once it is said to be complete, or, where nobody says so, once `looks` looks in a row have
 * found the same files. What was offered stays as it was while its files change, and is offered with the new ones once
 * these have stood still for as many looks, said to be complete or not: a marker from before knows nothing of what came
 * after. What is not there any more is offered no more.
 */
export function guard(before: GuardState, seen: readonly ListedVersion[], looks: number): GuardState {
  return new Map(
    seen.map((listed) => {
      const known = before.get(listed.version);
      const mark = markOf(listed);
      const still = known?.mark === mark ? known.looks + 1 : 1;
      const announced = listed.complete === true && known?.offered === undefined;
      const fit = listed.complete !== false && (announced || still >= looks);
      return [
        listed.version,
        {
          mark,
          looks: still,
          complete: listed.complete,
          offered: fit ? listed : known?.offered,
          offeredMark: fit ? mark : known?.offeredMark,
        },
      ];
    }),
  );
}

/** The state of who knows from before that these had settled, and of which still has the files. */
export function resumed(settled: readonly ListedVersion[], held: ReadonlySet<bigint>, looks: number): GuardState {
  return new Map(
    settled.map((listed) => {
      const mark = markOf(listed);
      const [offered, offeredMark] = held.has(listed.version) ? [listed, mark] : [];
      return [listed.version, { mark, looks, complete: undefined, offered, offeredMark }];
    }),
  );
}

const values = <T>(state: GuardState, pick: (known: Known, version: bigint) => readonly T[]): readonly T[] =>
  [...state].flatMap(([version, known]) => pick(known, version));

export const offeredIn = (state: GuardState): readonly ListedVersion[] =>
  values(state, ({ offered }) => (offered ? [offered] : []));

/** What is offered just as it was found last. */
export const settledIn = (state: GuardState): readonly ListedVersion[] =>
  values(state, ({ offered, offeredMark, mark }) => (offered && offeredMark === mark ? [offered] : []));

export type Waiting = {
  readonly version: bigint;
  /** It is offered as it was before. */
  readonly changed: boolean;
  readonly complete: boolean | undefined;
};

/** What was found and cannot be offered like that yet. */
export const waitingIn = (state: GuardState): readonly Waiting[] =>
  values(state, ({ offered, offeredMark, mark, complete }, version) =>
    offered && offeredMark === mark ? [] : [{ version, changed: offered !== undefined, complete }],
  );

/** Equal for states that offer the same. */
export const offerKey = (state: GuardState): string =>
  values(state, ({ offeredMark }, version) => (offeredMark === undefined ? [] : [`${version} ${offeredMark}`]))
    .toSorted()
    .join("\n");
