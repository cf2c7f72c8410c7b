import { basename } from "node:path";
import type { Tensors } from "../../../../core/index.js";
import { addressOf, callAsync, cString, keepAlive, lanes, pointerSlot, trimMemory } from "../../native/index.js";
import { createDispatcher } from "../dispatch.js";
import { cancelled, loadError } from "../errors.js";
import { createInFlight } from "../in-flight.js";
import { checkInputs, checkOutputs } from "../inputs.js";
import type { OrtSessionOptions, Provider } from "../options.js";
import type { OrtModel, OrtSession } from "../session.js";
import { describe } from "./describe.js";
import { type RunTarget, runAsync, runInline } from "./run.js";
import type { Runtime } from "./runtime.js";
import { createSessionOptions } from "./session-options.js";
import { takeFailure } from "./status.js";

/** The model's name for people: its file's, without the directory. */
const nameOf = (model: OrtModel) => ("path" in model ? basename(model.path) : "the model");

/**
 * Opens a session on one provider, off the event loop.
 * @throws ServingError with the file's name; ProviderUnavailable
 */
export async function openOn(
  runtime: Runtime,
  model: OrtModel,
  options: OrtSessionOptions,
  provider: Provider,
): Promise<OrtSession> {
  const session = await create(runtime, model, options, provider);
  try {
    return wrap(runtime, session, options, provider);
  } catch (error) {
    await release(runtime, session);
    throw error;
  }
}

async function create(
  runtime: Runtime,
  model: OrtModel,
  options: OrtSessionOptions,
  provider: Provider,
): Promise<bigint> {
  const { api, env } = runtime;
  const slot = pointerSlot();
  const handle = createSessionOptions(runtime, options, provider);
  try {
    const file = "path" in model ? pathCharacters(model.path) : model.bytes;
    const call = { keep: [slot, file], lane: lanes.loads };
    const status =
      "path" in model
        ? await callAsync(api.createSession, [env, file, handle, slot], call)
        : await callAsync(api.createSessionFromArray, [env, file, file.byteLength, handle, slot], call);
    keepAlive(slot, file);
    const failure = takeFailure(api, status);
    if (failure) throw loadError(failure, nameOf(model));
    return slot[0]!;
  } finally {
    api.releaseSessionOptions(handle);
  }
}

/** A path as the C interface wants it: UTF-16 on Windows. */
function pathCharacters(path: string): Uint8Array {
  return process.platform === "win32" ? Buffer.from(`${path}\0`, "utf16le") : cString(path);
}

async function release({ api }: Runtime, session: bigint): Promise<void> {
  await callAsync(api.releaseSession, [session], { lane: lanes.loads });
  await trimMemory();
}

function wrap(runtime: Runtime, session: bigint, options: OrtSessionOptions, provider: Provider): OrtSession {
  const { inputs, outputs, hiddenOutputs } = describe(runtime, session);
  const texts = new Map([...Object.keys(inputs), ...Object.keys(outputs)].map((name) => [name, cString(name)]));
  const addresses = new Map([...texts].map(([name, text]) => [name, addressOf(text)]));
  const target: RunTarget = { runtime, session, outputs, addressOf: (name) => addresses.get(name)! };
  const dispatch = createDispatcher(options.dispatch);
  const inFlight = createInFlight();

  const run = async (given: Tensors, asked: readonly string[], signal: AbortSignal): Promise<Tensors> => {
    inFlight.enter();
    try {
      checkInputs(given, inputs);
      const names = checkOutputs(asked, outputs);
      if (signal.aborted) throw cancelled(signal);
      return await dispatch(
        given,
        () => runInline(target, given, names),
        () => runAsync(target, given, names, signal),
      );
    } finally {
      keepAlive(texts);
      inFlight.leave();
    }
  };

  return {
    engine: "ffi",
    provider,
    inputs,
    outputs,
    hiddenOutputs,
    run,
    [Symbol.asyncDispose]: () => inFlight.close(() => release(runtime, session)),
  };
}
