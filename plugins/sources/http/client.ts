import type { Dispatcher } from "undici";
import { type Clock, ServingError } from "../../../core/index.js";
import type { Agents } from "./agents.js";
import { type Links, shownUrl } from "./links.js";
import { type Pace, paced } from "./paced.js";
import { statusTrouble, wayTrouble } from "./trouble.js";

export type Answer = {
  readonly status: number;
  /** By a lower-case name. */
  header(name: string): string | undefined;
  /** Where it came from, behind all redirects. */
  readonly url: URL;
  /** To be read, or else thrown away. @throws UNAVAILABLE */
  readonly bytes: AsyncIterable<Uint8Array>;
  /** Frees the connection of an answer that nobody reads. */
  discard(): void;
};

export type Headers = Readonly<Record<string, string>>;

export type Question = {
  readonly method?: "GET" | "HEAD";
  readonly headers?: Headers;
  /** Statuses that are answers, besides 200. */
  readonly also?: readonly number[];
  readonly signal: AbortSignal;
};

export interface Client {
  /** @throws ServingError for other statuses, for hosts that may not be asked, and for what goes wrong on the way */
  ask(url: URL, question: Question): Promise<Answer>;
  close(): Promise<void>;
}

const redirects: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);
const mostRedirects = 5;

const refused = (url: URL, why: string) =>
  new ServingError("PERMISSION_DENIED", `${shownUrl(url)} ${why}, so it is not asked`);

function target(location: string | undefined, from: URL): URL {
  if (location !== undefined && URL.canParse(location, from.href)) return new URL(location, from);
  throw new ServingError("UNAVAILABLE", `${shownUrl(from)} redirects to nowhere: "${location ?? ""}"`);
}

/** @param ownHeaders from the config, for the configured URL's own origin; read anew each time */
export function createClient(
  agents: Agents,
  links: Links,
  pace: Pace,
  clock: Clock,
  ownHeaders: () => Promise<Headers>,
): Client {
  async function send(url: URL, { method = "GET", headers = {}, signal }: Question): Promise<Dispatcher.ResponseData> {
    const why = links.refusal(url);
    if (why !== undefined) throw refused(url, why);
    const dispatcher = links.allowPrivate || links.isOwnHost(url) ? agents.open : agents.guarded;
    const own = links.isOwn(url) ? await ownHeaders() : {};
    const { request } = await import("undici");
    const all = { "user-agent": "salver", accept: "*/*", "accept-encoding": "identity", ...own, ...headers };
    return request(url, { method, headers: all, signal, dispatcher });
  }

  return {
    async ask(url, question) {
      const what = `get ${shownUrl(url)}`;
      let at = url;
      try {
        for (let hops = 0; hops <= mostRedirects; hops++) {
          const { statusCode: status, headers, body } = await send(at, question);
          // What nobody reads may have no end.
          const discard = () => void body.on("error", () => {}).destroy();
          const header = (name: string) => [headers[name]].flat()[0];
          if (status === 200 || question.also?.includes(status)) {
            return { status, header, url: at, bytes: paced(body, pace, clock, what, question.signal), discard };
          }
          discard();
          if (!redirects.has(status)) throw statusTrouble(what, status, header("retry-after"));
          at = target(header("location"), at);
        }
      } catch (error) {
        question.signal.throwIfAborted();
        throw wayTrouble(what, error);
      }
      throw new ServingError("UNAVAILABLE", `cannot ${what}: more than ${mostRedirects} redirects`);
    },
    close: agents.close,
  };
}
