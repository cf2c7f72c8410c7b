import type { Logger } from "../../../../core/index.js";
import { isInlineSafe } from "../inline-safe.js";
import { defaultOrtOptions, type OrtSessionOptions } from "../options.js";
import { probe } from "../probe.js";
import { probeModel } from "../probe-model.js";
import { firstProvider } from "../providers.js";
import type { OrtHandle, OrtModel, OrtSession } from "../session.js";
import { terminateAtExit } from "./at-exit.js";
import { availableProviders } from "./describe.js";
import { attachTo, openOn } from "./open.js";
import { openRuntime, type Runtime } from "./runtime.js";

let tested: Promise<Runtime> | undefined;

/** The library, loaded and tried, once a thread. Where it fails it fails the same way at every call. */
export function ffiRuntime(): Promise<Runtime> {
  tested ??= openAndTest();
  return tested;
}

async function openAndTest(): Promise<Runtime> {
  const runtime = await openRuntime();
  terminateAtExit(runtime);
  for (const dispatch of ["async", "inline"] as const) {
    const options = { ...defaultOrtOptions, dispatch };
    const session = await openOn(runtime, { bytes: probeModel() }, options, "cpu");
    try {
      await probe(session);
    } finally {
      await session[Symbol.asyncDispose]();
    }
  }
  return runtime;
}

/** @throws ServingError for the model; whatever `ffiRuntime` throws for the machine */
export async function openFfiSession(model: OrtModel, options: OrtSessionOptions, log: Logger): Promise<OrtSession> {
  const runtime = await ffiRuntime();
  const safe = options.dispatch !== "auto" || (await isInlineSafe(model));
  const settled: OrtSessionOptions = safe ? options : { ...options, dispatch: "async" };
  return firstProvider(options.executionProviders, log, (provider) => openOn(runtime, model, settled, provider));
}

/** @throws whatever `ffiRuntime` throws for this thread */
export async function attachFfiSession(handle: OrtHandle): Promise<OrtSession> {
  return attachTo(await ffiRuntime(), handle);
}

/** One line on what was found. @throws whatever `ffiRuntime` throws */
export async function describeFfi(): Promise<string> {
  const runtime = await ffiRuntime();
  const providers = availableProviders(runtime).map((name) => name.replace(/ExecutionProvider$/, "").toLowerCase());
  return `onnxruntime ${runtime.version}, compiled for ${providers.join(", ")} (the npm package carries the libraries of cpu and webgpu); ${runtime.path}`;
}
