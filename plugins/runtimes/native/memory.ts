import { koffi } from "./koffi.js";

/**
 * A view over `length` bytes of native memory. It stays valid only as long as the native side keeps that memory, which
 * nothing here can know: copy before the owner releases it.
 */
export function viewMemory(address: bigint, length: number): Uint8Array {
  return length === 0 ? new Uint8Array(0) : new Uint8Array(koffi.view(address, length));
}

/** Copies `length` bytes of native memory into an ArrayBuffer of its own, aligned for any element type. */
export function copyMemory(address: bigint, length: number): ArrayBuffer {
  return length === 0 ? new ArrayBuffer(0) : koffi.view(address, length).slice(0);
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

/** Room for one pointer that a call writes; read it with `pointer[0]`. */
export function pointerSlot(): BigUint64Array {
  return new BigUint64Array(1);
}
