/** Bytes being written: `bytes` up to `length`. Room is asked for before it is used. */
export type Output = {
  bytes: Buffer;
  length: number;
};

export const createOutput = (capacity = 1024): Output => ({ bytes: Buffer.allocUnsafe(capacity), length: 0 });

/** Makes sure that `room` more bytes fit. */
export function reserve(out: Output, room: number): void {
  const wanted = out.length + room;
  if (wanted <= out.bytes.length) return;
  const wider = Buffer.allocUnsafe(Math.max(wanted, out.bytes.length * 2));
  out.bytes.copy(wider, 0, 0, out.length);
  out.bytes = wider;
}

export function putByte(out: Output, byte: number): void {
  reserve(out, 1);
  out.bytes[out.length++] = byte;
}

/** Text of ASCII characters alone. */
export function putAscii(out: Output, text: string): void {
  reserve(out, text.length);
  for (let i = 0; i < text.length; i++) out.bytes[out.length++] = text.charCodeAt(i);
}

export function putBytes(out: Output, bytes: Uint8Array): void {
  reserve(out, bytes.length);
  out.bytes.set(bytes, out.length);
  out.length += bytes.length;
}

export const written = (out: Output): Buffer => out.bytes.subarray(0, out.length);
