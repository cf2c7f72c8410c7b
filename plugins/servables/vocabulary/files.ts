import { readdir, stat } from "node:fs/promises";
import { basename, extname, join } from "node:path";
import { failedPrecondition } from "../../../core/index.js";
import type { formats, VocabularyOptions } from "./options.js";

export type Format = (typeof formats)[number];
export type Source = { readonly path: string; readonly format: Format };

const TOKENIZER = "tokenizer.json";
/** In this order; a folder with a tokenizer may have its vocabulary beside it. */
const NAMES = [TOKENIZER, "vocab.txt", "vocab.csv", "vocab.tsv", "vocab.json"] as const;
/** What lies beside a vocabulary and makes nothing else of the folder. */
const COMPANIONS =
  /^(\..*|readme.*|license.*|tokenizer_config\.json|special_tokens_map\.json|added_tokens\.json|merges\.txt)$/i;

const endings: Readonly<Record<string, Format>> = { ".csv": "csv", ".tsv": "tsv", ".json": "json" };

const formatOf = (path: string): Format =>
  basename(path) === TOKENIZER ? "tokenizer" : (endings[extname(path).toLowerCase()] ?? "text");

/** Whether `path` is a folder with a vocabulary and nothing that could be another model, or such a file itself. */
export async function isVocabulary(path: string): Promise<boolean> {
  try {
    const known = new Set<string>(NAMES);
    if (!(await stat(path)).isDirectory()) return known.has(basename(path));
    const names = await readdir(path);
    return names.some((name) => known.has(name)) && names.every((name) => known.has(name) || COMPANIONS.test(name));
  } catch {
    return false;
  }
}

const filesIn = async (folder: string): Promise<string[]> => {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  return entries.filter((entry) => !entry.isDirectory() && !COMPANIONS.test(entry.name)).map(({ name }) => name);
};

/** The one that has a known name, else the only one, else the only asset of a SavedModel. A tokenizer goes before its vocabulary. */
async function findIn(folder: string): Promise<string> {
  const names = await filesIn(folder);
  const [known, another] = NAMES.filter((name) => names.includes(name));
  if (known !== undefined && known !== TOKENIZER && another !== undefined) {
    throw failedPrecondition(`two vocabularies in ${basename(folder)}: ${known} and ${another}. Say which by file`);
  }
  if (known !== undefined) return join(folder, known);
  const [only, ...others] = names;
  if (only !== undefined && others.length === 0) return join(folder, only);
  const assets = await filesIn(join(folder, "assets"));
  const [asset, ...more] = assets;
  if (asset !== undefined && more.length === 0) return join(folder, "assets", asset);
  const found = names.length > 0 ? `found ${names.slice(0, 10).join(", ")}` : "it has no files";
  throw failedPrecondition(
    `no vocabulary in ${basename(folder)}: expected one of ${NAMES.join(", ")}; ${found}. Say which by file`,
  );
}

/**
 * The file that holds a version's vocabulary.
 * @throws FAILED_PRECONDITION when there is none, or several to choose from
 */
export async function findSource(
  path: string,
  { file, format }: Pick<VocabularyOptions, "file" | "format">,
): Promise<Source> {
  const info = await stat(path).catch((cause) => {
    throw failedPrecondition(`${basename(path)} is not there, or cannot be read`, cause);
  });
  const found = !info.isDirectory() ? path : file === undefined ? await findIn(path) : join(path, file);
  const isFile = await stat(found).then(
    (each) => each.isFile(),
    () => false,
  );
  if (!isFile) throw failedPrecondition(`${file ?? basename(found)} is no file of version ${basename(path)}`);
  return { path: found, format: format ?? formatOf(found) };
}
