import { type Finding, failedPrecondition, type Logger, messageOf, silentLogger } from "../../../core/index.js";
import { defaultOrtOptions, type OrtSessionOptions } from "./options.js";
import { probe } from "./probe.js";
import { probeModel } from "./probe-model.js";
import type { OrtHandle, OrtModel, OrtSession } from "./session.js";

export { type CheckEmpty, emptyInputsCheck, emptyInputsHarm, refuseEmpty } from "./empty-inputs.js";
export { defaultOrtOptions, type OrtSessionOptions, ortOptions } from "./options.js";
export type { HiddenOutput, OrtHandle, OrtModel, OrtSession } from "./session.js";
export type { Weight, Weights } from "./weights.js";

/**
 * Loads a model, off the event loop. `auto` takes the ffi engine, and the binding engine where ffi fails on this machine;
 * the log says why.
 * @throws ServingError INVALID_ARGUMENT for a model that is broken, FAILED_PRECONDITION for what this machine lacks,
 *   UNIMPLEMENTED for what the runtime or a tensor cannot do; its message names the file without its directory
 */
export async function openSession(model: OrtModel, options: OrtSessionOptions, log: Logger): Promise<OrtSession> {
  if (options.engine === "binding") return openBinding(model, options, log);
  const { ffiRuntime, openFfiSession } = await import("./ffi/index.js");
  try {
    await ffiRuntime();
  } catch (error) {
    if (options.engine === "ffi") {
      throw failedPrecondition(`the ffi engine does not work here: ${messageOf(error)}. Try engine binding`, error);
    }
    log.warn({ reason: messageOf(error) }, "the ffi engine does not work here, using binding");
    return openBinding(model, options, log);
  }
  return openFfiSession(model, options, log);
}

/**
 * The session of another thread, to be run from this one too: the runtime allows runs from any number of threads.
 * @throws when the library cannot be used in this thread
 */
export async function attachSession(handle: OrtHandle): Promise<OrtSession> {
  const { attachFfiSession } = await import("./ffi/index.js");
  return attachFfiSession(handle);
}

async function openBinding(model: OrtModel, options: OrtSessionOptions, log: Logger): Promise<OrtSession> {
  const { openBindingSession } = await import("./binding/index.js");
  return openBindingSession(model, options, log);
}

/** Tries both engines on a small model, and says which execution providers the library was built with. */
export async function doctor(): Promise<Finding[]> {
  return [await tryFfi(), await tryBinding()];
}

async function tryFfi(): Promise<Finding> {
  const subject = "onnxruntime (ffi)";
  try {
    const { describeFfi } = await import("./ffi/index.js");
    return { subject, status: "ok", detail: await describeFfi() };
  } catch (error) {
    return { subject, status: "broken", detail: `${messageOf(error)}. Models run on the binding engine instead` };
  }
}

async function tryBinding(): Promise<Finding> {
  const subject = "onnxruntime (binding)";
  try {
    const session = await openBinding({ bytes: probeModel() }, defaultOrtOptions, silentLogger);
    await probe(session).finally(() => session[Symbol.asyncDispose]());
    return { subject, status: "ok", detail: "onnxruntime-node's own API works, as a reference and fallback" };
  } catch (error) {
    return { subject, status: "broken", detail: `${messageOf(error)}. Only matters where ffi does not work` };
  }
}
