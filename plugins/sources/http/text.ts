import { wholeText } from "../../../artifacts/whole-text.js";
import { type RemoteText, systemClock } from "../../../core/index.js";
import { createAgents } from "./agents.js";
import { createClient } from "./client.js";
import { links, shownUrl } from "./links.js";
import { options } from "./options.js";

const basic = ({ username, password }: URL) =>
  `Basic ${Buffer.from(`${decodeURIComponent(username)}:${decodeURIComponent(password)}`).toString("base64")}`;

/**
 * A text of a web server, from its own host only. A user and a password in the URL are sent as such; proxies are those of
 * the environment.
 */
export async function readHttpText(
  url: URL,
  etag: string | undefined,
  signal: AbortSignal,
): Promise<RemoteText | undefined> {
  const bare = new URL(url);
  bare.username = "";
  bare.password = "";
  const { timeout, minRate, allow, allowPrivate } = options.parse({ url: bare.href });
  const agents = createAgents({ proxy: undefined, ca: undefined, timeout });
  const own: Record<string, string> = url.username === "" ? {} : { authorization: basic(url) };
  const rules = links({ url: bare.href, allow, allowPrivate });
  const client = createClient(agents, rules, { timeout, minRate }, systemClock, async () => own);
  const headers: Record<string, string> = etag === undefined ? {} : { "if-none-match": etag };
  try {
    const answer = await client.ask(bare, { headers, also: [304], signal });
    if (answer.status === 304) {
      answer.discard();
      return undefined;
    }
    return { text: await wholeText(answer.bytes, shownUrl(bare)), etag: answer.header("etag") };
  } finally {
    await client.close();
  }
}
