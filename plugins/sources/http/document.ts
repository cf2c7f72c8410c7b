import { textOf, wholeBytes } from "../../../artifacts/whole-text.js";
import { ServingError } from "../../../core/index.js";
import type { Answer, Client, Headers } from "./client.js";
import { shownUrl } from "./links.js";

/** A small file that is read whole: a manifest, an index page. */
export type Document = {
  readonly bytes: Uint8Array;
  readonly text: string;
  /** Where it came from, behind all redirects. */
  readonly url: URL;
};

/** @throws ServingError for one that is too long, packed or no UTF-8 */
export async function documentOf(answer: Answer): Promise<Document> {
  const encoding = answer.header("content-encoding") ?? "identity";
  if (encoding !== "identity") {
    answer.discard();
    throw new ServingError("UNAVAILABLE", `${shownUrl(answer.url)} comes as ${encoding}, which nobody asked for`);
  }
  const bytes = await wholeBytes(answer.bytes, shownUrl(answer.url));
  return { bytes, text: textOf(bytes, shownUrl(answer.url)), url: answer.url };
}

/** Reads one document again and again; while it stays the same, it need not come again. */
export interface DocumentReader<T> {
  /** What was made of the document, of the last one where it has not changed. */
  read(signal: AbortSignal): Promise<T>;
}

function conditionsOf({ header }: Answer): Headers {
  const etag = header("etag");
  const modified = header("last-modified");
  return { ...(etag && { "if-none-match": etag }), ...(modified && { "if-modified-since": modified }) };
}

/** @param make where it rejects, the document comes again the next time */
export function documentReader<T>(
  client: Client,
  url: URL,
  make: (document: Document, signal: AbortSignal) => Promise<T>,
): DocumentReader<T> {
  let last: { readonly value: T; readonly conditions: Headers } | undefined;
  return {
    async read(signal) {
      const asked = last;
      const answer = await client.ask(url, { headers: asked?.conditions ?? {}, also: asked ? [304] : [], signal });
      if (answer.status === 304 && asked) {
        answer.discard();
        return asked.value;
      }
      const value = await make(await documentOf(answer), signal);
      const conditions = conditionsOf(answer);
      last = Object.keys(conditions).length > 0 ? { value, conditions } : undefined;
      return value;
    },
  };
}
