import { readdir, stat } from "node:fs/promises";
import { basename, join } from "node:path";
import { failedPrecondition } from "../../../core/index.js";

export type Kind = "npy" | "npz" | "safetensors" | "word2vec binary" | "word2vec text" | "onnx" | "savedmodel";

/** Where a version's table is, and what belongs to it. */
export type TableFiles = {
  readonly kind: Kind;
  /** The file, or the folder of a SavedModel. */
  readonly path: string;
  /** For messages. */
  readonly name: string;
  readonly keys: string | undefined;
  readonly scales: string | undefined;
  /** The version's folder; undefined where the version is a file. */
  readonly folder: string | undefined;
};

const kinds: Readonly<Record<string, Kind>> = {
  npy: "npy",
  npz: "npz",
  safetensors: "safetensors",
  bin: "word2vec binary",
  vec: "word2vec text",
  txt: "word2vec text",
  onnx: "onnx",
};

const kindOf = (name: string): Kind | undefined => kinds[/\.(\w+)$/.exec(name)?.[1] ?? ""];
const isTable = (name: string) => name.startsWith("embeddings.") && kindOf(name) !== undefined;

/** Whether `path` is a table called `embeddings.…`, or a folder with one. An ONNX file alone is a model first. */
export async function isEmbedding(path: string): Promise<boolean> {
  const known = (name: string) => isTable(name) && kindOf(name) !== "onnx";
  try {
    return (await stat(path)).isDirectory() ? (await readdir(path)).some(known) : known(basename(path));
  } catch {
    return false;
  }
}

function choose(names: readonly string[], folder: string, wanted: string | undefined): string {
  if (wanted !== undefined) {
    if (names.includes(wanted)) return wanted;
    throw failedPrecondition(`${wanted} is not in ${folder}, which has ${names.join(", ") || "nothing"}`);
  }
  const found = names.filter(isTable).sort();
  const others = names.includes("saved_model.pb")
    ? ["saved_model.pb"]
    : names.filter((name) => kindOf(name) === "onnx");
  const [first, ...more] = found.length > 0 ? found : others;
  if (first === undefined) {
    throw failedPrecondition(
      `no table in ${folder}: expected embeddings.npy, .npz, .safetensors, .bin or .txt (word2vec), a SavedModel or an ONNX file`,
    );
  }
  if (more.length === 0) return first;
  throw failedPrecondition(
    `several tables in ${folder}: ${[first, ...more].join(", ")}. Name one by the option \`file\``,
  );
}

/**
 * Finds a version's files: `file`, or the only `embeddings.*`, or a SavedModel or ONNX file; `keys.txt`; `scale.npy`.
 * @throws FAILED_PRECONDITION when there is none, or several to choose from
 */
export async function findTable(path: string, file: string | undefined): Promise<TableFiles> {
  const folder = await stat(path).then(
    (found) => found.isDirectory(),
    (cause) => {
      throw failedPrecondition(`${basename(path)} is not there, or cannot be read`, cause);
    },
  );
  if (!folder) {
    const kind = kindOf(basename(path));
    if (kind) return { kind, path, name: basename(path), keys: undefined, scales: undefined, folder: undefined };
    throw failedPrecondition(
      `${basename(path)} is of no kind that a table can be: .npy, .npz, .safetensors, .bin, .txt, .onnx`,
    );
  }
  const names = (await readdir(path)).sort();
  const name = choose(names, basename(path), file);
  const beside = (other: string) => (names.includes(other) ? join(path, other) : undefined);
  const shared = { keys: beside("keys.txt"), scales: beside("scale.npy"), folder: path };
  if (name === "saved_model.pb") return { kind: "savedmodel", path, name: "the SavedModel", ...shared };
  const kind = kindOf(name);
  if (!kind)
    throw failedPrecondition(`${name} is of no kind that a table can be: .npy, .npz, .safetensors, .bin, .txt, .onnx`);
  return { kind, path: join(path, name), name, ...shared };
}
