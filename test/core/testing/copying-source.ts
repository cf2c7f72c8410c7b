import { rmSync } from "node:fs";
import { mkdir, mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { type Artifact, notFound, ServingError, type Source, unavailable } from "salver";
import type { SourceStage, VersionFiles } from "salver/testing";

export type Flaw =
  | "repeats itself"
  | "throws when it is aborted"
  | "opens what is not there"
  | "takes trouble for emptiness"
  | "throws what is no ServingError"
  | "writes where it can be seen"
  | "leaves pieces"
  | "mixes"
  | "trusts what comes"
  | "keeps what it refuses"
  | "gives up what others use";

type Trouble = () => Promise<void>;
const none: Trouble = async () => {};
const fail: Trouble = async () => {
  throw unavailable("the way to the place is cut");
};

/** A source over a map in memory that copies what it opens to a folder, with a flaw on demand. */
export async function openCopying(flaw?: Flaw): Promise<SourceStage> {
  const root = await mkdtemp(join(tmpdir(), "salver-"));
  const place = new Map<bigint, VersionFiles>();
  const disposed = new AbortController();
  let looks = 0;
  let looking = none;
  let fetching = none;
  let midway = none;
  let forged = (content: string) => content;
  let copies = 0;
  const opened = new Map<bigint, string[]>();

  async function* sightings(outer: AbortSignal): ReturnType<Source["watch"]> & AsyncGenerator {
    const signal = AbortSignal.any([outer, disposed.signal]);
    let known: string | undefined;
    const ended = new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve()));
    while (!signal.aborted) {
      looks++;
      const look = looking().then(
        () => [...place.keys()],
        () => (flaw === "takes trouble for emptiness" ? [] : undefined),
      );
      const seen = await Promise.race([look, ended]);
      if (seen && !signal.aborted && seen.join() !== known) {
        known = seen.join();
        yield { model: "copied", versions: seen.map(artifact) };
        if (flaw === "repeats itself") yield { model: "copied", versions: seen.map(artifact) };
      }
      await delay(1);
    }
    if (flaw === "throws when it is aborted") throw new Error("aborted");
  }

  async function copy(version: bigint, folder: string, signal: AbortSignal): Promise<void> {
    const announced = place.get(version);
    const aborted = new Promise<never>((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
    aborted.catch(() => {});
    for (const name of Object.keys(announced ?? {})) {
      await fetching();
      const now = place.get(version);
      const content = now?.[name];
      if (content === undefined) throw notFound(`version ${version} is gone`);
      if (now !== announced && flaw !== "mixes") throw new ServingError("ABORTED", `version ${version} is another now`);
      const came = forged(content);
      const path = join(folder, name);
      await mkdir(dirname(path), { recursive: true });
      await writeFile(path, came.slice(0, came.length / 2));
      await Promise.race([midway(), aborted]);
      await writeFile(path, came);
      if (came !== content && flaw !== "trusts what comes")
        throw new ServingError("DATA_LOSS", `${name} is not ${name}`);
    }
  }

  async function open(version: bigint, signal: AbortSignal): Promise<string> {
    signal.throwIfAborted();
    if (!place.has(version)) throw notFound(`version ${version} is gone`);
    const final = join(root, "kept", `${version}-${++copies}`);
    const folder = flaw === "writes where it can be seen" ? final : join(root, "parts", `${copies}`);
    try {
      await copy(version, folder, signal);
      signal.throwIfAborted();
    } catch (error) {
      const lost = error instanceof ServingError && error.code === "DATA_LOSS";
      const keeps = flaw === "leaves pieces" ? !lost : flaw === "keeps what it refuses" && lost;
      if (!keeps) await rm(folder, { recursive: true, force: true });
      throw flaw === "throws what is no ServingError" ? new Error("something went wrong") : error;
    }
    await mkdir(dirname(final), { recursive: true });
    await rename(folder, final);
    opened.set(version, [...(opened.get(version) ?? []), final]);
    return flaw === "opens what is not there" ? join(final, "nowhere") : final;
  }

  const artifact = (version: bigint): Artifact => ({
    version,
    uri: `memory:${version}`,
    open: (signal) => open(version, signal),
    release() {
      if (flaw !== "gives up what others use") return;
      const paths = opened.get(version)?.splice(0) ?? [];
      // Gone before the caller goes on, as far as it can see.
      for (const path of paths) rmSync(path, { recursive: true });
    },
  });

  return {
    source: { watch: sightings, [Symbol.asyncDispose]: async () => disposed.abort() },
    model: "copied",
    folder: root,
    looks: () => looks,
    publish: async (version, files) => void place.set(version, { ...files }),
    remove: async (version) => void place.delete(version),
    litter: async () => {},
    async breakDown() {
      looking = fail;
      return {
        async repair() {
          looking = none;
        },
      };
    },
    async disturb(fault, at) {
      const trouble = fault === "slow drip" ? () => delay(2) : fail;
      if (at === "looking") looking = trouble;
      else fetching = trouble;
      return {
        async repair() {
          looking = none;
          fetching = none;
        },
      };
    },
    async fallSilent() {
      looking = () => new Promise(() => {});
    },
    async hold() {
      let begin = () => {};
      let open = () => {};
      const begun = new Promise<void>((resolve) => (begin = resolve));
      const gate = new Promise<void>((resolve) => (open = resolve));
      midway = () => {
        begin();
        return gate;
      };
      return {
        begun,
        async go() {
          midway = none;
          open();
        },
      };
    },
    async forge() {
      forged = (content) => content.toUpperCase();
      return {
        async repair() {
          forged = (content) => content;
        },
      };
    },
    async [Symbol.asyncDispose]() {
      disposed.abort();
      await rm(root, { recursive: true });
    },
  };
}
