export { adopt } from "./adopt.js";
export { type CallOptions, callAsync, type NativeFunction } from "./call.js";
export { duplicate } from "./duplicate.js";
export { heldInFlight, hold, holdForever, keepAlive } from "./hold.js";
export { koffi } from "./koffi.js";
export { type LaneSizes, laneSizes, lanes, poolSize } from "./lanes.js";
export {
  functionAt,
  type LoadOptions,
  loadLibrary,
  type NativeLibrary,
  type NativeType,
  openLibrary,
} from "./library.js";
export { createLimiter, type Limiter } from "./limiter.js";
export { canMapFiles, type FileMapping, MOST_VIEWED, mapFile, viewMemory } from "./map.js";
export {
  addressOf,
  copyMemory,
  cString,
  type Pointer,
  pointerSlot,
  readCString,
  writeMemory,
} from "./memory.js";
export { trimMemory } from "./trim.js";
