import { readFilePath } from "../../../artifacts/archives/file-path.js";
import { nameTree } from "../../../artifacts/archives/name-tree.js";
import { shown } from "../../../artifacts/archives/refusal.js";
import type { ListedFile } from "../../../artifacts/listing.js";
import { invalidArgument, resourceExhausted } from "../../../core/index.js";
import type { Client } from "./client.js";
import { type Document, documentOf } from "./document.js";
import { type IndexEntry, parseJson, readHtmlIndex, readJsonIndex } from "./index-page.js";
import { shownUrl } from "./links.js";
import { lengthOf, validatorOf } from "./validator.js";

/** Of one version. */
const most = { files: 20_000, folders: 2_000 };
/** Questions at one time. */
const lanes = 8;

export const isHtml = (text: string): boolean => /^\s*</.test(text);

/** What the pages of nginx, Apache and others are headed with; a page to log in, or one for errors, is not. */
const heading = /<(?:title|h1)\b[^>]{0,200}>\s{0,100}(?:index of|directory listing)\b/i;

/** @throws INVALID_ARGUMENT for a page that is no index: taken for an empty one, it would end all versions */
export function readIndex({ text, url }: Document): readonly IndexEntry[] {
  if (!isHtml(text)) return readJsonIndex(parseJson(text), url);
  if (heading.test(text.slice(0, 64 * 1024))) return readHtmlIndex(text, url);
  throw invalidArgument(`${shownUrl(url)} is no directory index: its page is not headed "Index of"`);
}

async function inLanes<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<readonly R[]> {
  const results: R[] = [];
  const rest = items.entries();
  const lane = async () => {
    for (const [i, item] of rest) results[i] = await work(item);
  };
  await Promise.all(Array.from({ length: lanes }, lane));
  return results;
}

type Found = { readonly path: string; readonly url: URL };

/** All files below a folder, by the indexes of it and its folders. */
async function findFiles(top: URL, client: Client, signal: AbortSignal): Promise<readonly Found[]> {
  const names = nameTree();
  const files: Found[] = [];
  const folders: Found[] = [{ path: "", url: top }];
  // Grows while it is gone through.
  for (const folder of folders) {
    const page = await documentOf(await client.ask(folder.url, { signal }));
    for (const { name, isFolder, url } of readIndex(page)) {
      const path = `${folder.path}${name}`;
      const read = readFilePath(path);
      const why = "refused" in read ? read.refused : names.add(read.segments, isFolder ? "folder" : "file");
      if (why !== undefined) throw invalidArgument(`the name ${shown(path)} in it ${why}`);
      if (isFolder) folders.push({ path: `${path}/`, url });
      else files.push({ path, url });
    }
    if (files.length > most.files) throw resourceExhausted(`it has more than ${most.files} files`);
    if (folders.length > most.folders) throw resourceExhausted(`it has more than ${most.folders} folders`);
  }
  return files;
}

/** What the server says of a file without giving it; some servers say nothing. */
export async function fileAt({ path, url }: Found, client: Client, signal: AbortSignal): Promise<ListedFile> {
  const answer = await client.ask(url, { method: "HEAD", also: [405, 501], signal });
  answer.discard();
  if (answer.status !== 200) return { at: url.href, path };
  return { at: url.href, path, size: lengthOf(answer), etag: validatorOf(answer) };
}

/** All files of a version that lies unpacked in a folder. @throws ServingError */
export async function folderFiles(top: URL, client: Client, signal: AbortSignal): Promise<readonly ListedFile[]> {
  const found = await findFiles(top, client, signal);
  if (found.length === 0) throw invalidArgument(`there are no files at ${shownUrl(top)}`);
  return inLanes(found, (each) => fileAt(each, client, signal));
}
