import { HEADER, Type } from "./layout.js";

/** Writes a frame's head at `at`. Returns where its payload begins. */
export function writeHead(
  into: Buffer,
  at: number,
  length: number,
  type: number,
  flags: number,
  stream: number,
): number {
  into[at] = length >>> 16;
  into[at + 1] = length >>> 8;
  into[at + 2] = length;
  into[at + 3] = type;
  into[at + 4] = flags;
  return writeUint32(into, at + 5, stream);
}

/** Big-endian. Returns where it ends. */
export function writeUint32(into: Buffer, at: number, value: number): number {
  into[at] = value >>> 24;
  into[at + 1] = value >>> 16;
  into[at + 2] = value >>> 8;
  into[at + 3] = value;
  return at + 4;
}

function frame(type: number, flags: number, stream: number, payload: Uint8Array): Buffer {
  const bytes = Buffer.allocUnsafe(HEADER + payload.length);
  bytes.set(payload, writeHead(bytes, 0, payload.length, type, flags, stream));
  return bytes;
}

function numbers(...values: readonly number[]): Buffer {
  const bytes = Buffer.allocUnsafe(4 * values.length);
  let pos = 0;
  for (const value of values) pos = writeUint32(bytes, pos, value);
  return bytes;
}

/** Longest debug text that is sent with a GOAWAY, in bytes. */
const LONGEST_TEXT = 256;

export const resetStream = (stream: number, code: number) => frame(Type.RST_STREAM, 0, stream, numbers(code));

export const windowUpdate = (stream: number, increment: number) =>
  frame(Type.WINDOW_UPDATE, 0, stream, numbers(increment));

export const ping = (flags: number, payload: Uint8Array) => frame(Type.PING, flags, 0, payload);

export const settingsFrame = (flags: number, payload: Uint8Array) => frame(Type.SETTINGS, flags, 0, payload);

export const goAway = (lastStream: number, code: number, text = "") =>
  frame(
    Type.GOAWAY,
    0,
    0,
    Buffer.concat([numbers(lastStream, code), Buffer.from(text, "latin1").subarray(0, LONGEST_TEXT)]),
  );
