import { shown } from "../../../artifacts/archives/refusal.js";
import { invalidArgument, messageOf } from "../../../core/index.js";

/** A name in a directory index. */
export type IndexEntry = {
  /** As a file's, without a slash. */
  readonly name: string;
  readonly isFolder: boolean;
  readonly url: URL;
};

const entities: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" };

const decodeEntities = (text: string) =>
  text.replace(/&(?:#x([0-9a-f]{1,6})|#(\d{1,7})|([a-z]{1,8}));/gi, (whole, hex, decimal, name) => {
    if (name !== undefined) return entities[String(name).toLowerCase()] ?? whole;
    const point = hex !== undefined ? Number.parseInt(hex, 16) : Number(decimal);
    return point <= 0x10ffff ? String.fromCodePoint(point) : whole;
  });

/** The targets of all links. Taken apart at each "<" first, so that no page is slow to read. */
function* targetsIn(html: string): Generator<string> {
  for (const tag of html.split("<")) {
    const match = /^a\s[^>]*?\bhref\s*=\s*(?:"([^">]*)"|'([^'>]*)'|([^\s"'>]+))/i.exec(tag.slice(0, 8192));
    if (match) yield decodeEntities(match[1] ?? match[2] ?? match[3] ?? "");
  }
}

const wholePath = (url: URL) => (url.pathname.endsWith("/") ? url.pathname : `${url.pathname}/`);

/** A link that leads to something right inside the folder; headings to sort by, the folder above and others are none. */
function entryAt(target: string, page: URL): IndexEntry | undefined {
  const base = new URL(wholePath(page), page);
  if (!URL.canParse(target, base.href)) return undefined;
  const url = new URL(target, base);
  const isInside = url.origin === base.origin && url.pathname.startsWith(base.pathname);
  if (!isInside || url.search !== "" || url.hash !== "") return undefined;
  const [, written = "", slash = ""] = /^([^/]+)(\/?)$/.exec(url.pathname.slice(base.pathname.length)) ?? [];
  try {
    const name = decodeURIComponent(written);
    return name === "" || name.includes("/") ? undefined : { name, isFolder: slash === "/", url };
  } catch {
    return undefined;
  }
}

function listed(entry: unknown, page: URL): IndexEntry {
  const { name, type } = (entry ?? {}) as { readonly name?: unknown; readonly type?: unknown };
  const known = typeof name === "string" && (type === "file" || type === "directory");
  const isFolder = type === "directory";
  const read = known ? entryAt(`./${encodeURIComponent(name)}${isFolder ? "/" : ""}`, page) : undefined;
  if (read) return read;
  throw invalidArgument(
    `expected { "name", "type": "file" or "directory" }, got ${shown(JSON.stringify(entry) ?? "")}`,
  );
}

/** The names in an index as nginx, Apache and many others write it in HTML: each is a link. */
export function readHtmlIndex(html: string, page: URL): readonly IndexEntry[] {
  const found = new Map<string, IndexEntry>();
  for (const target of targetsIn(html)) {
    const entry = entryAt(target, page);
    if (entry) found.set(entry.name, entry);
  }
  return [...found.values()];
}

/** The names in an index as nginx writes it in JSON (autoindex_format json). @throws INVALID_ARGUMENT */
export function readJsonIndex(json: unknown, page: URL): readonly IndexEntry[] {
  if (!Array.isArray(json)) throw invalidArgument("expected an array, as nginx's autoindex_format json writes it");
  return json.map((entry) => listed(entry, page));
}

/** @throws INVALID_ARGUMENT */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw invalidArgument(`it is no JSON: ${messageOf(error)}`, error);
  }
}
