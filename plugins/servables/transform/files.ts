import { readFile, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { failedPrecondition } from "../../../core/index.js";

/** The largest transform file that is read; large vocabularies have files of their own. */
const LARGEST = 2 ** 20;

const NAME = "transform.yaml";

/** Whether `path` is a folder with a transform file, or one itself. */
export async function isTransform(path: string): Promise<boolean> {
  const isFile = (file: string) =>
    stat(file).then(
      (found) => found.isFile(),
      () => false,
    );
  return (basename(path) === NAME && (await isFile(path))) || isFile(join(path, NAME));
}

export type TransformFile = {
  /** Its name, for messages. */
  readonly name: string;
  /** Where files beside it are. */
  readonly folder: string;
  readonly text: string;
};

/** @throws FAILED_PRECONDITION when it is not there or too large */
export async function readTransform(path: string, file: string): Promise<TransformFile> {
  const found = await stat(path).catch(() => undefined);
  const full = found?.isFile() ? path : join(path, file);
  const { size } = await stat(full).catch((cause) => {
    throw failedPrecondition(`${basename(full)} is not there, or cannot be read`, cause);
  });
  if (size > LARGEST) {
    throw failedPrecondition(
      `${basename(full)} has more than ${LARGEST} bytes; large vocabularies go into files beside it`,
    );
  }
  return { name: basename(full), folder: dirname(full), text: await readFile(full, "utf8") };
}
