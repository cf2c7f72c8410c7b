import { readFile, stat } from "node:fs/promises";
import { dirname, extname, relative, resolve } from "node:path";
import { cosmiconfig } from "cosmiconfig";
import { type CodeName, messageOf, ServingError, toServingError } from "../errors.js";
import { ConfigError, type Locate } from "./config-error.js";
import { importModule } from "./import-module.js";
import { parseWithPositions } from "./positions.js";
import { createTexts, isUrl, shownUrl, type Texts } from "./texts.js";

export type LoadedConfig = {
  readonly raw: unknown;
  /** Shown before positions: relative to the working folder where that is shorter. */
  readonly file: string;
  /** Relative paths in the config are relative to this folder: the config's own, or the working folder where it has none. */
  readonly baseDir: string;
  readonly locate: Locate;
  /** Of a config from another machine: where it is, secrets of the URL included, and its text. */
  readonly remote?: { readonly url: string; readonly text: string };
};

const names = ["yaml", "yml", "json", "ts", "js", "mjs"].map((end) => `salver.config.${end}`);

type Read = { readonly value: unknown; readonly locate: Locate };
const noPositions: Locate = () => undefined;

async function readText(path: string, text: string): Promise<Read> {
  return parseWithPositions(shown(path), text);
}

async function readModule(path: string): Promise<Read> {
  const module = await importModule(path).catch((error: unknown) => {
    throw new ConfigError([{ path: [], message: messageOf(error) }], shown(path));
  });
  return { value: module, locate: noPositions };
}

type Reader = (path: string, text: string) => Promise<Read>;

const readers: Readonly<Record<string, Reader>> = {
  ".yaml": readText,
  ".yml": readText,
  ".json": readText,
  ".ts": readModule,
  ".js": readModule,
  ".mjs": readModule,
};

/**
 * The config file: `target` itself, a path or an URL that `texts` can read; the one in the folder `target`; or, without
 * `target`, the first one found from the working folder upwards, `package.json#salver` included.
 * @throws ConfigError when there is none, or it cannot be read; ServingError when its place does not give it now
 */
export async function loadConfig(
  target?: string,
  texts: Texts = createTexts([]),
  signal?: AbortSignal,
): Promise<LoadedConfig> {
  if (target !== undefined && isUrl(target)) return loadRemote(target, texts, signal);
  const path = await findConfig(target);
  const read = readers[extname(path)];
  if (!read) {
    throw new ConfigError([{ path: [], message: `a config ends in ${Object.keys(readers).join(", ")}` }], shown(path));
  }
  const { value, locate } = await read(path, await readFile(path, "utf8"));
  const inPackage = path.endsWith("package.json");
  return {
    raw: inPackage ? (value as { salver?: unknown }).salver : value,
    file: shown(path),
    baseDir: dirname(path),
    locate: inPackage ? (at, atKey) => locate(["salver", ...at], atKey) : locate,
  };
}

/** Codes of what is wrong with an URL; with all others it may be right. */
const misnamed: ReadonlySet<CodeName> = new Set(["INVALID_ARGUMENT", "NOT_FOUND"]);

/** Text only: whoever can write to the place must not be able to run programs here. */
async function loadRemote(url: string, texts: Texts, signal: AbortSignal | undefined): Promise<LoadedConfig> {
  const file = shownUrl(url);
  const fail = (message: string) => new ConfigError([{ path: [], message }], file);
  const read = readers[extname(file)];
  if (read === readModule) {
    throw fail("a config that is a program is only run from this machine; write it as YAML or JSON, or copy it here");
  }
  if (!read) throw fail("a config from another machine ends in .yaml, .yml, .json");
  const text = await texts.read(url, signal).catch((error: unknown) => {
    const message = `cannot read the config: ${messageOf(error)}`;
    const { code } = toServingError(error);
    throw misnamed.has(code) ? fail(message) : new ServingError(code, `${file}: ${message}`, { cause: error });
  });
  const { value, locate } = parseWithPositions(file, text);
  return { raw: value, file, baseDir: process.cwd(), locate, remote: { url, text } };
}

async function findConfig(target: string | undefined): Promise<string> {
  const from = resolve(target ?? ".");
  const info = await stat(from).catch(() => undefined);
  if (!info) throw new ConfigError([{ path: [], message: "there is no such file or folder" }], shown(from));
  if (info.isFile()) return from;
  const explorer = cosmiconfig("salver", {
    searchPlaces: ["package.json", ...names],
    ignoreEmptySearchPlaces: false,
    // Only the place is asked of cosmiconfig; the file is read here, with positions.
    loaders: Object.fromEntries(Object.keys(readers).map((end) => [end, end === ".json" ? jsonLoader : () => ({})])),
    ...(target === undefined
      ? { searchStrategy: "global" as const, stopDir: resolve("/") }
      : { searchStrategy: "none" as const }),
  });
  const found = await explorer.search(from);
  if (found) return found.filepath;
  const message = `found no config here${target === undefined ? " or above" : ""}; looked for ${names.join(", ")} and package.json#salver`;
  throw new ConfigError([{ path: [], message }], shown(from));
}

const jsonLoader = (path: string, text: string): unknown => (path.endsWith("package.json") ? JSON.parse(text) : {});

function shown(path: string): string {
  const short = relative(process.cwd(), path);
  return short === "" ? "." : short.startsWith("..") ? path : short;
}
