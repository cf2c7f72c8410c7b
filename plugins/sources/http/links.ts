import { isPrivateHost } from "./private-address.js";

export type LinkRules = {
  readonly url: string;
  readonly allow: readonly string[];
  readonly allowPrivate: boolean;
};

/** Where a server may send us, by redirects and by the URLs that it lists. */
export interface Links {
  /** Why a URL may not be asked, for a sentence that begins with it; `undefined` when it may. */
  refusal(url: URL): string | undefined;
  /** Whether it is of the configured URL's own origin: only there go headers from the config. */
  isOwn(url: URL): boolean;
  /** Whether it is on the configured URL's own host, whatever address that may have. */
  isOwnHost(url: URL): boolean;
  /** Whether other hosts may have private addresses. */
  readonly allowPrivate: boolean;
}

const isDefaultPort = ({ port }: URL) => port === "";

function matches(entry: string, url: URL): boolean {
  const [host = "", port] = /^(.*?)(?::(\d+))?$/.exec(entry.toLowerCase())?.slice(1) ?? [];
  const { hostname } = url;
  const sameHost = host.startsWith("*.") ? hostname.endsWith(host.slice(1)) : hostname === host;
  const asked = url.port || (url.protocol === "https:" ? "443" : "80");
  return sameHost && (port === undefined ? isDefaultPort(url) : port === asked);
}

export function links(rules: LinkRules): Links {
  const own = new URL(rules.url);
  const allowPrivate = rules.allowPrivate || isPrivateHost(own.hostname);
  const isOwn = (url: URL) => url.origin === own.origin;
  const isUpgrade = (url: URL) =>
    url.hostname === own.hostname && url.protocol === "https:" && isDefaultPort(url) && isDefaultPort(own);
  const isOwnHost = (url: URL) => isOwn(url) || isUpgrade(url);

  return {
    isOwn,
    isOwnHost,
    allowPrivate,
    refusal(url) {
      if (!/^https?:$/.test(url.protocol)) return `is of the kind "${url.protocol}", and neither http nor https`;
      if (url.username !== "" || url.password !== "") return "has a user or a password in it";
      if (isOwnHost(url)) return undefined;
      if (own.protocol === "https:" && url.protocol === "http:") return "goes from https to http";
      if (!rules.allow.some((entry) => matches(entry, url)))
        return `is on another host than ${own.host}; if that is meant, put "${url.host}" into allow`;
      if (!allowPrivate && isPrivateHost(url.hostname))
        return "is on a loopback, link-local or private address; if that is meant, set allowPrivate";
      return undefined;
    },
  };
}

/** A URL for people: what a user's part and a query hold may be a secret. */
export function shownUrl(url: URL): string {
  const bare = new URL(url);
  for (const part of ["username", "password", "search", "hash"] as const) bare[part] = "";
  return `${bare.href}${url.search === "" ? "" : "?…"}`;
}
