import type { KeyObject } from "node:crypto";
import type { ListedFile, ListedVersion } from "../../../artifacts/listing.js";
import type { RemotePlace } from "../../../artifacts/remote-place.js";
import { type Clock, type Fetched, failedPrecondition, ServingError } from "../../../core/index.js";
import type { Client } from "./client.js";
import { type Document, documentReader } from "./document.js";
import type { IndexEntry } from "./index-page.js";
import { parseJson } from "./index-page.js";
import { indexVersions } from "./index-versions.js";
import { isHtml, readIndex } from "./index-walk.js";
import { type Links, shownUrl } from "./links.js";
import { checkSigned, manifestVersions } from "./manifest-versions.js";
import type { HttpOptions } from "./options.js";
import { lengthOf, rangeHeaders, readContentRange, validatorOf } from "./validator.js";

/** What the URL leads to: a manifest, whose versions are all that it says, or an index, whose versions are to be looked into. */
type Listing = { readonly versions: readonly ListedVersion[] } | { readonly entries: readonly IndexEntry[] };

async function* nothing(): AsyncGenerator<Uint8Array> {}

async function fetchFile(client: Client, file: ListedFile, offset: number, signal: AbortSignal): Promise<Fetched> {
  const { at, size, etag } = file;
  // A server would say that there is no such range.
  if (offset > 0 && offset === size) return { offset, size, etag, bytes: nothing() };
  const url = new URL(at);
  const answer = await client.ask(url, { headers: rangeHeaders(offset, etag), also: [206], signal });
  const range = answer.status === 206 ? readContentRange(answer.header("content-range")) : { start: 0 };
  const now = validatorOf(answer);
  const fail = (error: ServingError) => {
    answer.discard();
    return error;
  };
  if (etag !== undefined && now !== etag)
    throw fail(new ServingError("ABORTED", `${shownUrl(url)} is not what it was when it was listed`));
  if (!range || range.start > offset)
    throw fail(new ServingError("UNAVAILABLE", `${shownUrl(url)}: the answer is not the part that was asked for`));
  const whole = answer.status === 206 ? ("size" in range ? range.size : undefined) : lengthOf(answer);
  return { offset: range.start, size: whole, etag: now, bytes: answer.bytes };
}

export function httpPlace(
  options: HttpOptions,
  client: Client,
  links: Links,
  keys: () => Promise<readonly KeyObject[]>,
  clock: Clock,
): RemotePlace {
  const { marker, signature } = options;
  const url = new URL(options.url);
  const index = indexVersions(client, clock, options);
  // What was one once stays one: an empty index that comes in its place is no news about versions.
  let isManifest = url.pathname.endsWith(".json");

  async function manifest(document: Document, signal: AbortSignal): Promise<Listing> {
    if (signature) await checkSigned(document, url, await keys(), client, signal);
    return { versions: manifestVersions(document.text, url, links, signature !== undefined) };
  }

  async function listing(document: Document, signal: AbortSignal): Promise<Listing> {
    if (isManifest || (!isHtml(document.text) && !Array.isArray(parseJson(document.text)))) {
      const found = await manifest(document, signal);
      isManifest = true;
      return found;
    }
    if (!signature) return { entries: readIndex(document) };
    throw failedPrecondition(
      `${shownUrl(url)} is a directory index, which nobody can sign; signature needs a manifest`,
    );
  }

  const reader = documentReader(client, url, listing);
  return {
    uri: shownUrl(url),
    memory: JSON.stringify(["http", options.url, marker ?? "", signature?.keys ?? []]),
    wanted: `a manifest with versions, or folders and archives such as 1/ and 1.tar.gz`,
    completedBy: marker,

    async look(signal, settled) {
      const found = await reader.read(signal);
      return "versions" in found ? found.versions : index.list(found.entries, settled, signal);
    },

    async fetch(file, offset, signal) {
      try {
        return await fetchFile(client, file, offset, signal);
      } catch (error) {
        index.doubt();
        throw error;
      }
    },
  };
}
