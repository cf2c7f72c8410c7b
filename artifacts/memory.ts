import { z } from "zod";
import { type ArtifactCache, type Logger, messageOf } from "../core/index.js";
import type { ListedVersion } from "./listing.js";

/** What was last offered of a place. */
export type Memory = {
  /** When, milliseconds since 1970. */
  readonly at: number;
  readonly versions: readonly ListedVersion[];
};

const schema = z.object({
  at: z.number().min(0).max(8.64e15),
  versions: z.array(
    z.object({
      version: z.string().regex(/^-?\d+$/),
      uri: z.string(),
      refused: z.string().optional(),
      files: z.array(
        z.object({
          at: z.string(),
          path: z.string(),
          size: z.number().optional(),
          etag: z.string().optional(),
          sha256: z.string().optional(),
          archive: z.enum(["zip", "tar", "tar.gz"]).optional(),
        }),
      ),
    }),
  ),
});

export function toText({ at, versions }: Memory): string {
  return JSON.stringify({ at, versions: versions.map((each) => ({ ...each, version: String(each.version) })) });
}

/** `undefined` for what is no such text: another release may have written it. */
export function fromText(text: string): Memory | undefined {
  try {
    const { at, versions } = schema.parse(JSON.parse(text));
    return { at, versions: versions.map((each) => ({ ...each, version: BigInt(each.version) })) };
  } catch {
    return undefined;
  }
}

/** What was offered of a place, kept for later processes. Never fails: without a memory all is as at the first start. */
export function memoryOf(place: string, uri: string, cache: ArtifactCache, log: Logger) {
  return {
    async remember(versions: readonly ListedVersion[]): Promise<void> {
      try {
        await cache.remember(place, toText({ at: Date.now(), versions }));
      } catch (error) {
        log.warn({ uri }, `a start without ${uri} will not know what is there now: ${messageOf(error)}`);
      }
    },
    async recall(): Promise<Memory> {
      try {
        return fromText((await cache.remembered(place)) ?? "") ?? { at: 0, versions: [] };
      } catch (error) {
        log.warn({ uri }, `what was last seen at ${uri} cannot be recalled: ${messageOf(error)}`);
        return { at: 0, versions: [] };
      }
    },
  };
}
