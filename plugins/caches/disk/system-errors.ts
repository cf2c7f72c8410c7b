import {
  dataLoss,
  failedPrecondition,
  isServingError,
  messageOf,
  resourceExhausted,
  ServingError,
} from "../../../core/index.js";

export const codeOf = (error: unknown): string | undefined => (error as NodeJS.ErrnoException | undefined)?.code;

const full: ReadonlySet<string | undefined> = new Set(["ENOSPC", "EDQUOT", "EFBIG"]);
const forbidden: ReadonlySet<string | undefined> = new Set(["EACCES", "EPERM", "EROFS"]);
export const isFull = (error: unknown): boolean => full.has(codeOf(error));

export const isMissing = (error: unknown): boolean => codeOf(error) === "ENOENT";

/** What the system said of the cache's folder, for the person who runs this server; anything else stays as it is. */
export function explained(error: unknown, root: string): unknown {
  if (isServingError(error) || typeof (error as NodeJS.ErrnoException | undefined)?.syscall !== "string") return error;
  if (isFull(error)) {
    return resourceExhausted(
      `no room is left for the cache in ${root} (${codeOf(error)}): free some, or set cache.path to a folder on another ` +
        "disk and cache.quota to less than that disk has",
      error,
    );
  }
  if (forbidden.has(codeOf(error))) {
    return failedPrecondition(
      `the cache's folder ${root} cannot be written to (${messageOf(error)}): let this user write there, or set cache.path`,
      error,
    );
  }
  if (codeOf(error) === "ENOTDIR" || codeOf(error) === "EEXIST")
    return failedPrecondition(`the cache's folder ${root} cannot be one (${messageOf(error)}): set cache.path`, error);
  if (codeOf(error) === "EIO")
    return dataLoss(`the disk of the cache's folder ${root} fails: ${messageOf(error)}`, error);
  return new ServingError("UNKNOWN", `the cache in ${root}: ${messageOf(error)}`, { cause: error });
}
