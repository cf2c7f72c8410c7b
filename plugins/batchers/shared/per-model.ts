import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { invalidArgument, messageOf } from "../../../core/index.js";
import { batchingFromProto } from "../../../protos/batching-parameters.js";
import { BatchingParametersSchema } from "../../../protos/gen/tensorflow_serving/servables/tensorflow/session_bundle_config_pb.js";
import { readText } from "../../../protos/text/read-text.js";
import { options, type SharedBatcherOptions } from "./options.js";

const absent = new Set(["ENOENT", "ENOTDIR"]);

/**
 * What the version's own file says, and of the options those that such a file has no word for, or that are everyone's as
 * the pool is; nothing when it has none.
 * @throws INVALID_ARGUMENT that names the file and what is wrong in it
 */
export async function perModelOptions(
  { perModelFile = "", threads, pool, latencyTarget, lowPriority, shareIdenticalRequests }: SharedBatcherOptions,
  folder: string,
): Promise<SharedBatcherOptions | undefined> {
  const file = join(folder, perModelFile);
  try {
    const written = batchingFromProto(readText(BatchingParametersSchema, await readFile(file, "utf8"), { file }));
    const parsed = options.safeParse({ ...written, threads, pool });
    if (parsed.success) return { ...parsed.data, latencyTarget, lowPriority, shareIdenticalRequests };
    throw new Error(z.prettifyError(parsed.error));
  } catch (error) {
    if (absent.has((error as NodeJS.ErrnoException).code ?? "")) return undefined;
    throw invalidArgument(`Invalid batching parameters in ${perModelFile}: ${messageOf(error)}`, error);
  }
}
