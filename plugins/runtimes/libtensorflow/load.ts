import { resolve } from "node:path";
import { internal, ServingError } from "../../../core/index.js";
import { callAsync, copyMemory, keepAlive, lanes } from "../native/index.js";
import type { Pointer, TfApi } from "./c-api.js";
import { configProto } from "./config-proto.js";
import type { TfSessionOptions } from "./options.js";
import { errorOf, withStatus } from "./status.js";
import { checkVariables } from "./variables.js";

/** What a load leaves behind; the caller deletes the session, then the graph. */
export type LoadedModel = { readonly session: Pointer; readonly graph: Pointer; readonly metaGraph: Uint8Array };

const SERVE = "serve";

/** The bytes in a TF_Buffer: `{ const void* data; size_t length; void (*deallocator)(…); }`. */
function bufferBytes(buffer: Pointer): Uint8Array {
  const fields = new DataView(copyMemory(buffer, 16));
  return new Uint8Array(copyMemory(fields.getBigUint64(0, true), Number(fields.getBigUint64(8, true))));
}

function sessionOptions(api: TfApi, options: TfSessionOptions, status: Pointer): Pointer {
  const pointer = api.newSessionOptions();
  const config = configProto(options);
  if (config.length > 0) api.setConfig(pointer, config, config.length, status);
  keepAlive(config);
  return pointer;
}

/** TensorFlow's own text, "Read less bytes than requested", says neither what nor why. */
const endsEarly = (error: ServingError) =>
  new ServingError(error.code, `${error.message}; a file of it ends early, copy the whole folder`, {
    cause: error.cause,
  });

/** @throws ServingError with TensorFlow's code and text, without the folder's path; leaves nothing behind then */
export async function loadSavedModel(api: TfApi, dir: string, options: TfSessionOptions): Promise<LoadedModel> {
  const folder = resolve(dir);
  const tags = options.tags ?? [SERVE];
  return withStatus(api, async (status) => {
    const sessionConfig = sessionOptions(api, options, status);
    const graph = api.newGraph();
    const buffer = api.newBuffer();
    let session: Pointer | null = null;
    try {
      session = await callAsync(
        api.loadSession,
        [sessionConfig, null, folder, tags, tags.length, graph, buffer, status],
        { lane: lanes.loads },
      );
      const error = errorOf(api, status, "TensorFlow cannot load the SavedModel: ", folder);
      if (error?.code === "OUT_OF_RANGE") throw endsEarly(error);
      if (error) throw error;
      if (!session) throw internal("TensorFlow gave no session and no reason");
      const metaGraph = bufferBytes(buffer);
      await checkVariables(folder, metaGraph);
      return { session, graph, metaGraph };
    } catch (error) {
      if (session) await callAsync(api.deleteSession, [session, status], { lane: lanes.loads });
      api.deleteGraph(graph);
      throw error;
    } finally {
      api.deleteBuffer(buffer);
      api.deleteSessionOptions(sessionConfig);
    }
  });
}
