import { createHash, randomUUID } from "node:crypto";
import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { isServingError, type LoadedConfig, messageOf, shownUrl, type Texts, userCache } from "../core/index.js";

/** Configs from other machines as they were in use last, for a start at which their place is away. */
export interface LastConfigs {
  /** Keeps the text of one that is in use now; one of this machine needs no keeping. */
  keep(config: LoadedConfig): Promise<void>;
  /** `texts`, or in place of one whose place is away the one that was kept; `say` is told so. */
  standingIn(texts: Texts, say: (message: string) => void): Texts;
}

const away: ReadonlySet<string> = new Set(["UNAVAILABLE", "DEADLINE_EXCEEDED"]);

export function lastConfigs(folder: string = join(userCache(process.env), "salver", "configs")): LastConfigs {
  const fileOf = (url: string) => join(folder, createHash("sha256").update(url).digest("hex"));

  return {
    async keep({ remote }) {
      if (!remote) return;
      await mkdir(folder, { recursive: true });
      const unfinished = join(folder, `${randomUUID()}.tmp`);
      // A config may hold secrets.
      await writeFile(unfinished, remote.text, { mode: 0o600, flush: true });
      await rename(unfinished, fileOf(remote.url));
    },
    standingIn: (texts, say) => ({
      async read(url, signal) {
        try {
          return await texts.read(url, signal);
        } catch (error) {
          if (!isServingError(error) || !away.has(error.code)) throw error;
          const text = await readFile(fileOf(url), "utf8").catch(() => undefined);
          if (text === undefined) throw error;
          say(
            `the config ${shownUrl(url)} cannot be read now (${messageOf(error)}): ` +
              `starting with the one that was in use here last, kept in ${fileOf(url)}`,
          );
          return text;
        }
      },
    }),
  };
}
