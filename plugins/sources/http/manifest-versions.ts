import type { KeyObject } from "node:crypto";
import type { ListedFile, ListedVersion } from "../../../artifacts/listing.js";
import { type ManifestVersion, parseManifest } from "../../../artifacts/manifest.js";
import { checkSignatureBeside } from "../../../artifacts/signature.js";
import { wholeBytes } from "../../../artifacts/whole-text.js";
import type { Client } from "./client.js";
import type { Document } from "./document.js";
import { type Links, shownUrl } from "./links.js";

/** Where the signature of what is at `url` lies: beside it. */
export function signatureUrl(url: URL): URL {
  const beside = new URL(url);
  beside.pathname += ".sig";
  return beside;
}

/** @throws PERMISSION_DENIED for a manifest that none of the keys has signed */
export async function checkSigned(
  { bytes }: Document,
  url: URL,
  keys: readonly KeyObject[],
  client: Client,
  signal: AbortSignal,
): Promise<void> {
  const from = signatureUrl(url);
  const fetchBeside = async () => wholeBytes((await client.ask(from, { signal })).bytes, shownUrl(from));
  await checkSignatureBeside(shownUrl(url), bytes, shownUrl(from), fetchBeside, keys);
}

/** @param signed each file must have a sum, for else the signature says nothing about its bytes */
function listed(each: ManifestVersion, base: URL, links: Links, signed: boolean): ListedVersion {
  const { version } = each;
  let refused: string | undefined;
  const files = each.files.map(({ url, ...file }): ListedFile => {
    const at = URL.canParse(url, base.href) ? new URL(url, base) : undefined;
    const why = at ? links.refusal(at) : "is no URL";
    if (why !== undefined) refused ??= `${at ? shownUrl(at) : `"${url}"`} ${why}`;
    if (signed && file.sha256 === undefined)
      refused ??= "it has no sha256, so the manifest's signature is not about it";
    return { ...file, at: at?.href ?? url };
  });
  const [first] = each.files;
  const single = each.files.length === 1 && first && URL.canParse(first.url, base.href);
  const uri = single ? shownUrl(new URL(first.url, base)) : `${shownUrl(base)}#${version}`;
  const reason = refused && `version ${version} of ${shownUrl(base)} is refused: ${refused}`;
  return { version, uri, files, complete: true, ...(reason !== undefined && { refused: reason }) };
}

/**
 * The versions that a manifest lists. URLs in it are relative to `base`, wherever redirects led to.
 * @throws INVALID_ARGUMENT
 */
export const manifestVersions = (text: string, base: URL, links: Links, signed: boolean): readonly ListedVersion[] =>
  parseManifest(text, shownUrl(base)).map((each) => listed(each, base, links, signed));
