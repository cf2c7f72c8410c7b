import { readFileSync, realpathSync, statSync } from "node:fs";
import { join, sep } from "node:path";
import { failedPrecondition, notFound, resourceExhausted } from "../../../core/index.js";

const LARGEST = 2 ** 30;

/**
 * A file of the version's `assets` folder. Blocks while it reads.
 * @throws NOT_FOUND, FAILED_PRECONDITION for a name that leads out of the folder, RESOURCE_EXHAUSTED above 1 GiB; messages
 * name the file and what uses it
 */
export function readAsset(dir: string, filename: string, user: string): Uint8Array {
  const what = `assets/${filename}, which ${user} reads,`;
  const folder = join(dir, "assets");
  const path = join(folder, filename);
  if (!path.startsWith(folder + sep) || filename.includes("\0")) {
    throw failedPrecondition(`${what} lies outside of the model's assets`);
  }
  try {
    if (!realpathSync(path).startsWith(realpathSync(folder) + sep)) {
      throw failedPrecondition(`${what} is a link to a place outside of the model's assets`);
    }
    const { size } = statSync(path);
    if (size > LARGEST) throw resourceExhausted(`${what} has ${size} bytes, and ${LARGEST} are allowed`);
    return readFileSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") throw notFound(`${what} is missing`, error);
    throw error;
  }
}
