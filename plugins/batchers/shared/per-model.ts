import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { failedPrecondition, messageOf, unavailable } from "../../../core/index.js";
import { batchingFromProto, inBatchingProto } from "../../../protos/batching-parameters.js";
import { BatchingParametersSchema } from "../../../protos/gen/tensorflow_serving/servables/tensorflow/session_bundle_config_pb.js";
import { readText } from "../../../protos/text/read-text.js";
import { options, type SharedBatcherOptions } from "./options.js";
import { problemsOf } from "./rules.js";

const absent = new Set(["ENOENT", "ENOTDIR"]);

/**
 * What the version's own file says, and of the options those that such a file has no word for, or that are everyone's as
 * the pool is; nothing when it has none.
 * @throws FAILED_PRECONDITION that names the file and what is wrong in it: to read it again is of no use; UNAVAILABLE when
 * it cannot be read
 */
export async function perModelOptions(
  { perModelFile = "", threads, pool, latencyTarget, lowPriority, shareIdenticalRequests }: SharedBatcherOptions,
  folder: string,
): Promise<SharedBatcherOptions | undefined> {
  const file = join(folder, perModelFile);
  const text = await textOf(file);
  if (text === undefined) return undefined;
  try {
    const written = batchingFromProto(readText(BatchingParametersSchema, text, { file }));
    const parsed = options.safeParse({ ...written, threads, pool });
    if (!parsed.success) throw new Error(z.prettifyError(parsed.error));
    const chosen = { ...parsed.data, latencyTarget, lowPriority, shareIdenticalRequests };
    const [problem] = problemsOf(chosen);
    if (problem) throw new Error(problem.message);
    return chosen;
  } catch (error) {
    const what = inBatchingProto(messageOf(error));
    throw failedPrecondition(`Invalid batching parameters in ${perModelFile}: ${what}`, error);
  }
}

async function textOf(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    if (absent.has((error as NodeJS.ErrnoException).code ?? "")) return undefined;
    throw unavailable(`cannot read the batching parameters: ${messageOf(error)}`, error);
  }
}
