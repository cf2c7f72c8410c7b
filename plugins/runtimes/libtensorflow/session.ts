import {
  abortError,
  type Caller,
  isGone,
  type Logger,
  orAborted,
  type Tensor,
  unavailable,
} from "../../../core/index.js";
import { callAsync, lanes } from "../native/index.js";
import type { Pointer, TfApi } from "./c-api.js";
import { checkDtype, type Endpoint, endpointsOf, operationOf, outputArray } from "./endpoints.js";
import { requireLibrary } from "./find.js";
import { loadSavedModel } from "./load.js";
import type { TfSessionOptions } from "./options.js";
import { errorOf, withStatus } from "./status.js";
import { fromNative, type OwnedTensor, toNative } from "./tensors.js";

/** What `attachSavedModel` makes a session of in another thread of the process: the same native one. Can be posted. */
export type TfHandle = { readonly session: Pointer; readonly graph: Pointer };

/** A SavedModel that TensorFlow runs. Runs may overlap without limit; disposal waits for those under way. */
export interface TfSession extends AsyncDisposable {
  /** Valid until disposal, which must come after that of the sessions made of it. */
  readonly handle: TfHandle;
  /**
   * Runs the graph. Keys of `feeds` and items of `fetches` are tensor names such as `serving_default_x:0`; the tensors
   * returned are in the order of `fetches` and own their memory. `targets` names operations to run beside them.
   *
   * A caller that goes is released at once. TensorFlow's C interface cannot stop a run that has begun: it
   * goes on in the background, keeps its place in the thread pool, and its memory is released when it ends.
   * @throws ServingError with TensorFlow's code and text
   */
  run(
    feeds: Readonly<Record<string, Tensor>>,
    fetches: readonly string[],
    caller: Caller,
    targets?: readonly string[],
  ): Promise<readonly Tensor[]>;
}

/** One that this thread has loaded. */
export type LoadedSession = TfSession & {
  /** The serialized `tensorflow.MetaGraphDef` that was loaded. */
  readonly metaGraph: Uint8Array;
};

/**
 * Loads a SavedModel from `dir`, off the event loop.
 * @throws ServingError with TensorFlow's code and text; FAILED_PRECONDITION when there is no libtensorflow
 */
export async function openSavedModel(dir: string, options: TfSessionOptions, log: Logger): Promise<LoadedSession> {
  const { api, library } = await requireLibrary();
  const began = performance.now();
  const { session, graph, metaGraph } = await loadSavedModel(api, dir, options);
  log.debug(
    { tensorflow: library.version, ms: Math.round(performance.now() - began) },
    "SavedModel loaded by TensorFlow",
  );
  const opened = tfSession(api, { session, graph }, () =>
    withStatus(api, async (status) => {
      await callAsync(api.closeSession, [session, status], { lane: lanes.loads });
      await callAsync(api.deleteSession, [session, status], { lane: lanes.loads });
      api.deleteGraph(graph);
    }),
  );
  return { ...opened, metaGraph };
}

/** The session of another thread, which closes it when this one has been disposed. @throws as `openSavedModel` */
export async function attachSavedModel(handle: TfHandle): Promise<TfSession> {
  const { api } = await requireLibrary();
  return tfSession(api, handle, async () => {});
}

function tfSession(api: TfApi, handle: TfHandle, close: () => Promise<void>): TfSession {
  const { session, graph } = handle;
  const endpoint = endpointsOf(api, graph);
  const underWay = new Set<Promise<unknown>>();
  let disposal: Promise<void> | undefined;

  const start = async (
    feeds: Readonly<Record<string, Tensor>>,
    fetches: readonly string[],
    caller: Caller,
    targets: readonly string[],
  ): Promise<readonly Tensor[]> => {
    const inputs = Object.entries(feeds).map(([name, tensor]) => {
      const found = endpoint(name);
      checkDtype(found, tensor.dtype);
      return { endpoint: found, tensor };
    });
    const outputs = fetches.map(endpoint);
    const operations = targets.map((name) => operationOf(api, graph, name));
    const owned: OwnedTensor[] = [];
    try {
      for (const input of inputs) owned.push(await toNative(api, input.tensor, input.endpoint.name));
      return await runGraph(
        api,
        session,
        inputs.map((input) => input.endpoint),
        owned,
        outputs,
        operations,
        caller,
      );
    } finally {
      for (const tensor of owned) tensor.release();
    }
  };

  const dispose = async () => {
    await Promise.allSettled(underWay);
    await close();
  };

  return {
    handle,
    run: async (feeds, fetches, caller, targets = []) => {
      if (disposal) throw unavailable("the model has been unloaded");
      if (isGone(caller)) throw abortError(caller.signal);
      const work = start(feeds, fetches, caller, targets);
      underWay.add(work);
      const done = () => underWay.delete(work);
      work.then(done, done);
      return orAborted(work, caller);
    },
    [Symbol.asyncDispose]: () => (disposal ??= dispose()),
  };
}

async function runGraph(
  api: TfApi,
  session: Pointer,
  inputs: readonly Endpoint[],
  values: readonly OwnedTensor[],
  outputs: readonly Endpoint[],
  operations: readonly Pointer[],
  caller: Caller,
): Promise<readonly Tensor[]> {
  const feeds = outputArray(inputs);
  const feedValues = BigUint64Array.from(values, ({ pointer }) => pointer);
  const fetches = outputArray(outputs);
  const targets = BigUint64Array.from(operations);
  const results = new BigUint64Array(outputs.length);
  try {
    await withStatus(api, async (status) => {
      await callAsync(
        api.sessionRun,
        [
          session,
          null,
          feeds,
          feedValues,
          inputs.length,
          fetches,
          results,
          outputs.length,
          targets,
          targets.length,
          null,
          status,
        ],
        { caller },
      );
      const error = errorOf(api, status);
      if (error) throw error;
    });
    // Nobody waits for the answer of an abandoned run.
    if (isGone(caller)) return [];
    const tensors: Tensor[] = [];
    for (const [i, { name }] of outputs.entries()) tensors.push(await fromNative(api, results[i] ?? 0n, name));
    return tensors;
  } finally {
    for (const pointer of results) if (pointer !== 0n) api.deleteTensor(pointer);
  }
}
