import { failedPrecondition } from "../../../../core/index.js";
import {
  copyMemory,
  cString,
  functionAt,
  holdForever,
  openLibrary,
  pointerSlot,
  readCString,
} from "../../native/index.js";
import { locateLibrary, locatePackage } from "../locate.js";
import { API_ENTRIES, API_VERSION, bindApi, type OrtApi } from "./api.js";
import { check } from "./status.js";

/** The library, bound, with the three objects that every session shares. */
export type Runtime = {
  readonly api: OrtApi;
  readonly version: string;
  readonly path: string;
  readonly env: bigint;
  readonly allocator: bigint;
  readonly cpuMemory: bigint;
};

/** ONNX Runtime logs to stderr; what goes wrong comes back as a status too, so only what ends the process is let through. */
const LOG_FATAL = 4;
const DEVICE_ALLOCATOR = 0;
const MEMORY_DEFAULT = 0;

/**
 * Loads libonnxruntime and makes what lives as long as the process. Called once; see `ffi/index.ts`.
 * @throws ServingError, or the dynamic linker's text, when this machine cannot use the library
 */
export async function openRuntime(): Promise<Runtime> {
  const found = locatePackage();
  const path = locateLibrary(found);
  const library = await openLibrary(path);
  const base = library.func<[], bigint>("OrtGetApiBase", "void *", [])();
  const [getApi = 0n, getVersion = 0n] = new BigUint64Array(copyMemory(base, 16));
  const version = readCString(functionAt<[], bigint>(getVersion, "void *", [])());
  if (version !== found.version) {
    throw failedPrecondition(`libonnxruntime says it is ${version}, its package says ${found.version}: ${path}`);
  }
  const address = functionAt<[number], bigint | null>(getApi, "void *", ["uint32_t"])(API_VERSION);
  if (address === null) {
    throw failedPrecondition(`libonnxruntime ${version} does not offer version ${API_VERSION} of its C interface`);
  }
  const api = bindApi(new BigUint64Array(copyMemory(address, API_ENTRIES * 8)));

  const slot = holdForever(pointerSlot());
  const name = holdForever(cString("salver"));
  check(api, api.createEnv(LOG_FATAL, name, slot));
  const env = slot[0]!;
  check(api, api.getDefaultAllocator(slot));
  const allocator = slot[0]!;
  check(api, api.createCpuMemoryInfo(DEVICE_ALLOCATOR, MEMORY_DEFAULT, slot));
  return { api, version, path, env, allocator, cpuMemory: slot[0]! };
}
