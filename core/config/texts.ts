import { invalidArgument } from "../errors.js";
import type { Plugin } from "../plugin.js";
import type { RemoteText } from "../text-reader.js";

/** Texts of other machines, by URL; what has not changed there comes only once. */
export interface Texts {
  /** @throws ServingError also for URLs that nobody reads */
  read(url: string, signal?: AbortSignal): Promise<string>;
}

/** Whether a config or flag names a place by URL rather than a file by its path. */
export const isUrl = (place: string): boolean => /^[a-z][a-z0-9+.-]*:\/\//i.test(place);

/** A URL without what it may hold of secrets: user and password, query. */
export function shownUrl(url: string): string {
  if (!URL.canParse(url)) return url.replace(/[?#].*$/s, "").replace(/:\/\/[^/]*@/, "://");
  const { protocol, host, pathname } = new URL(url);
  return `${protocol}//${host}${pathname}`;
}

/** Read by the readers that the plugins bring. */
export function createTexts(plugins: readonly Plugin[]): Texts {
  const readers = new Map(
    plugins.flatMap(({ texts = [] }) => texts).flatMap((each) => each.schemes.map((scheme) => [scheme, each])),
  );
  const known = new Map<string, RemoteText>();

  return {
    async read(url, signal = new AbortController().signal) {
      if (!URL.canParse(url)) throw invalidArgument(`${shownUrl(url)}: no URL; expected one like s3://bucket/key`);
      const parsed = new URL(url);
      const reader = readers.get(parsed.protocol.slice(0, -1));
      if (!reader) {
        const schemes = [...readers.keys()].map((scheme) => `${scheme}://`).join(", ") || "none";
        throw invalidArgument(`${shownUrl(url)}: nothing reads ${parsed.protocol}// (what is read: ${schemes})`);
      }
      const before = known.get(url);
      const text = (await reader.read(parsed, before?.etag, signal)) ?? before;
      if (!text) throw invalidArgument(`${shownUrl(url)}: the place says "not modified", and nothing was read before`);
      known.set(url, text);
      return text.text;
    },
  };
}
