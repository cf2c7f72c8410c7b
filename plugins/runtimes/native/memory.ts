import type { NativeFunction } from "./call.js";
import { holdForever } from "./hold.js";
import { koffi } from "./koffi.js";

/** What a `void *` parameter takes: an address, the memory of a buffer, or null. */
export type Pointer = bigint | ArrayBufferView | ArrayBufferLike | null;

let memcpy: NativeFunction<[Pointer, Pointer, number], bigint> | undefined;

function copier() {
  memcpy ??= holdForever(
    holdForever(koffi.load(process.platform === "win32" ? "ucrtbase.dll" : null)).func("memcpy", "void *", [
      "void *",
      "void *",
      "size_t",
    ]),
  ) as unknown as NativeFunction<[Pointer, Pointer, number], bigint>;
  return memcpy;
}

// Below this, zeroing the memory costs less than asking for memory that is not.
const SMALL = 4096;

/**
 * Copies `length` bytes of native memory into an ArrayBuffer of its own, aligned for any element type.
 * Half the time of a `koffi.view` with a `slice`, and nothing for the garbage collector to finalize.
 */
export function copyMemory(address: bigint, length: number): ArrayBuffer {
  if (length === 0) return new ArrayBuffer(0);
  const copy = length < SMALL ? new ArrayBuffer(length) : (Buffer.allocUnsafeSlow(length).buffer as ArrayBuffer);
  copier()(copy, address, length);
  return copy;
}

/** Copies `bytes` to native memory that has room for them. */
export function writeMemory(address: bigint, bytes: Uint8Array): void {
  if (bytes.byteLength > 0) copier()(address, bytes, bytes.byteLength);
}

/** The address of a buffer's first byte. The buffer must be held for as long as native code uses the address. */
export function addressOf(buffer: ArrayBufferView): bigint {
  return koffi.address(buffer);
}

/** A NUL-terminated copy of `text` in UTF-8, for a `const char *`. */
export function cString(text: string): Uint8Array {
  return Buffer.from(`${text}\0`, "utf8");
}

/** The text at a `const char *`. */
export function readCString(address: bigint): string {
  return koffi.decode.string(address);
}

/** Room for one pointer that a call writes; read it with `slot[0]`. */
export function pointerSlot(): BigUint64Array {
  return new BigUint64Array(1);
}
