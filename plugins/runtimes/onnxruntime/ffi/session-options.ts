import { cString, keepAlive, pointerSlot } from "../../native/index.js";
import { cleanText } from "../errors.js";
import type { OrtSessionOptions, Provider } from "../options.js";
import { ProviderUnavailable } from "../providers.js";
import type { Runtime } from "./runtime.js";
import { check, takeFailure } from "./status.js";

/** `GraphOptimizationLevel`. */
const levels = { none: 0, basic: 1, extended: 2, all: 99 } as const;
const PARALLEL = 1;

/**
 * An `OrtSessionOptions` that the caller releases.
 * @throws ProviderUnavailable when `provider` cannot be appended
 */
export function createSessionOptions(runtime: Runtime, options: OrtSessionOptions, provider: Provider): bigint {
  const { api } = runtime;
  const slot = pointerSlot();
  check(api, api.createSessionOptions(slot));
  const handle = slot[0]!;
  try {
    check(api, api.setIntraOpThreads(handle, options.intraOpThreads));
    check(api, api.setInterOpThreads(handle, options.interOpThreads));
    if (options.interOpThreads !== 1) check(api, api.setExecutionMode(handle, PARALLEL));
    check(api, api.setGraphOptimizationLevel(handle, levels[options.graphOptimization]));
    // A spinning thread burns the core that another request, or the event loop, could have had.
    configure(runtime, handle, "session.intra_op.allow_spinning", "0");
    configure(runtime, handle, "session.inter_op.allow_spinning", "0");
    append(runtime, handle, provider);
    return handle;
  } catch (error) {
    api.releaseSessionOptions(handle);
    throw error;
  }
}

function configure({ api }: Runtime, handle: bigint, key: string, value: string): void {
  const texts = [cString(key), cString(value)] as const;
  check(api, api.addSessionConfigEntry(handle, texts[0], texts[1]));
  keepAlive(texts);
}

function append(runtime: Runtime, handle: bigint, provider: Provider): void {
  if (provider === "cpu") return;
  const failure = provider === "cuda" ? appendCuda(runtime, handle) : appendByName(runtime, handle, "WebGPU");
  if (failure) throw new ProviderUnavailable(`${provider}: ${cleanText(failure.text)}`);
}

function appendCuda({ api }: Runtime, handle: bigint) {
  const slot = pointerSlot();
  const failure = takeFailure(api, api.createCudaOptions(slot));
  if (failure) return failure;
  const cuda = slot[0]!;
  try {
    return takeFailure(api, api.appendCuda(handle, cuda));
  } finally {
    api.releaseCudaOptions(cuda);
  }
}

function appendByName({ api }: Runtime, handle: bigint, name: string) {
  const text = cString(name);
  const failure = takeFailure(api, api.appendProvider(handle, text, null, null, 0));
  keepAlive(text);
  return failure;
}
