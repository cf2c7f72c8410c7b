import { batchingFromProto } from "../../protos/batching-parameters.js";
import { BatchingParametersSchema } from "../../protos/gen/tensorflow_serving/servables/tensorflow/session_bundle_config_pb.js";
import type { GivenFlags } from "./flags.js";
import { readTextFile } from "./text-file.js";

/** A model's `batching`. */
export type Batching = false | ({ readonly type: string } & Readonly<Record<string, unknown>>);

/** A version's own parameters, in its folder; where TensorFlow Serving looks for them. */
export const perModelFile = "batching_params.pbtxt";

/** What the flags say of every model's batching; nothing when they say nothing. @throws ServingError */
export async function batchingOf(flags: GivenFlags, signal?: AbortSignal): Promise<Batching | undefined> {
  const { enable_batching: enabled, batching_parameters_file: file } = flags;
  if (!enabled) return enabled;
  const options = file
    ? batchingFromProto(await readTextFile(BatchingParametersSchema, file, { signal }))
    : { pool: "model_server_batch_threads" };
  const own = flags.enable_per_model_batching_parameters ? { perModelFile } : {};
  return { type: "shared", ...options, ...own };
}
