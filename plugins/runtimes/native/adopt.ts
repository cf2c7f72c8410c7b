import { markAsUntransferable } from "node:worker_threads";
import { holdForever } from "./hold.js";
import { koffi } from "./koffi.js";

const owners = holdForever(new FinalizationRegistry<() => void>((release) => release()));

/**
 * Native memory as an ArrayBuffer, without a copy. `release` gives the memory back after the ArrayBuffer has been
 * collected; V8 counts the bytes, so large ones make it collect sooner. `release` must not refer to the ArrayBuffer.
 */
export function adopt(address: bigint, length: number, release: () => void): ArrayBuffer {
  const memory = koffi.view(address, length);
  // Given away to another thread, it would be collected here while it is used there.
  markAsUntransferable(memory);
  owners.register(memory, release);
  return memory;
}
