import { basename } from "node:path";
import {
  afterwards,
  asIs,
  type Caller,
  isGone,
  type MaybePromise,
  type Tensors,
  whenDone,
} from "../../../../core/index.js";
import { addressOf, callAsync, cString, keepAlive, lanes, pointerSlot, trimMemory } from "../../native/index.js";
import { createDispatcher } from "../dispatch.js";
import { cancelled, loadError } from "../errors.js";
import { createInFlight } from "../in-flight.js";
import { checkInputs, checkMemory, checkOutputs } from "../inputs.js";
import type { OrtSessionOptions, Provider } from "../options.js";
import type { OrtHandle, OrtModel, OrtSession } from "../session.js";
import { withDeclared } from "../weights.js";
import { describe } from "./describe.js";
import { createLastShapes } from "./last-shapes.js";
import { rememberAddresses } from "./names.js";
import type { RunTarget, Wanted } from "./prepare.js";
import { runAsync, runInline } from "./run.js";
import type { Runtime } from "./runtime.js";
import { createSessionOptions } from "./session-options.js";
import { takeFailure } from "./status.js";
import { type HeldWeights, holdWeights } from "./weights.js";

/** The model's name for people: its file's, without the directory. */
const nameOf = (model: OrtModel) => ("path" in model ? basename(model.path) : "the model");

/** A session's handle, and what must be let go of after it. */
type Opened = { readonly handle: bigint; readonly weights: HeldWeights | undefined };

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
  const opened = await create(runtime, model, options, provider);
  const handle = { address: opened.handle, provider, dispatch: options.dispatch };
  try {
    return { ...wrap(runtime, handle, () => release(runtime, opened)), handle };
  } catch (error) {
    await release(runtime, opened);
    throw error;
  }
}

/** A session that another thread has opened, which closes it when this one has been disposed. */
export const attachTo = (runtime: Runtime, handle: OrtHandle): OrtSession => wrap(runtime, handle, async () => {});

async function create(
  runtime: Runtime,
  model: OrtModel,
  options: OrtSessionOptions,
  provider: Provider,
): Promise<Opened> {
  const { api } = runtime;
  const settings = createSessionOptions(runtime, options, provider);
  let weights: HeldWeights | undefined;
  try {
    if ("bytes" in model && model.weights) weights = holdWeights(runtime, settings, model.weights);
    const slot = pointerSlot();
    const failure = takeFailure(api, await callCreate(runtime, model, settings, weights, slot));
    if (failure) throw loadError(failure, nameOf(model));
    return { handle: slot[0]!, weights };
  } catch (error) {
    weights?.release();
    throw error;
  } finally {
    api.releaseSessionOptions(settings);
  }
}

async function callCreate(
  { api, env }: Runtime,
  model: OrtModel,
  settings: bigint,
  weights: HeldWeights | undefined,
  slot: BigUint64Array,
) {
  if ("path" in model) {
    const path = pathCharacters(model.path);
    return callAsync(api.createSession, [env, path, settings, slot], { keep: [slot, path], lane: lanes.loads });
  }
  if (!weights || !model.weights) {
    const call = { keep: [slot, model.bytes], lane: lanes.loads };
    return callAsync(api.createSessionFromArray, [env, model.bytes, model.bytes.byteLength, settings, slot], call);
  }
  const bytes = await withDeclared(model.bytes, model.weights);
  const call = { keep: [slot, bytes, weights], lane: lanes.loads };
  return callAsync(
    api.createSessionFromArrayWithPrepackedWeights,
    [env, bytes, bytes.byteLength, settings, weights.container, slot],
    call,
  );
}

/** A path as the C interface wants it: UTF-16 on Windows. */
function pathCharacters(path: string): Uint8Array {
  return process.platform === "win32" ? Buffer.from(`${path}\0`, "utf16le") : cString(path);
}

async function release({ api }: Runtime, { handle, weights }: Opened): Promise<void> {
  await callAsync(api.releaseSession, [handle], { lane: lanes.loads });
  weights?.release();
  await trimMemory();
}

function wrap(runtime: Runtime, handle: OrtHandle, close: () => Promise<void>): OrtSession {
  const { address: session, provider } = handle;
  const { inputs, outputs, hiddenOutputs } = describe(runtime, session);
  const texts = new Map([...Object.keys(inputs), ...Object.keys(outputs)].map((name) => [name, cString(name)]));
  const addresses = new Map([...texts].map(([name, text]) => [name, addressOf(text)]));
  const target: RunTarget = {
    runtime,
    session,
    outputs,
    addressesOf: rememberAddresses((name) => addresses.get(name)!),
  };
  const dispatch = createDispatcher(handle.dispatch);
  const last = createLastShapes();
  const inFlight = createInFlight();

  const runFor = (given: Tensors, wantedOf: () => Wanted, caller: Caller): MaybePromise<Tensors> => {
    try {
      inFlight.enter();
    } catch (error) {
      return Promise.reject(error);
    }
    const work = () => {
      checkInputs(given, inputs);
      const wanted = wantedOf();
      if (isGone(caller)) throw cancelled(caller.signal);
      return dispatch(
        given,
        () => runInline(target, last, given, wanted),
        (onBegin) => runAsync(target, given, wanted, caller, onBegin),
      );
    };
    return afterwards(whenDone(work, asIs), () => {
      keepAlive(texts, close);
      inFlight.leave();
    });
  };

  return {
    engine: "ffi",
    provider,
    inputs,
    outputs,
    hiddenOutputs,
    forgetsInputs: true,
    run: (given, asked, caller) => runFor(given, () => checkOutputs(asked, outputs), caller),
    runInto: async (given, into, caller) => {
      await runFor(given, () => checkMemory(into, outputs), caller);
    },
    [Symbol.asyncDispose]: () => inFlight.close(close),
  };
}
