const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
const encoder = new TextEncoder();

/** Up to this length plain ASCII is faster put together here than by the decoder, whose calls cost more than its work. */
const SHORT = 24;

/** As UTF-8, with U+FFFD for what is none. */
export function textOf(bytes: Uint8Array): string {
  if (bytes.length > SHORT) return decoder.decode(bytes);
  let text = "";
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i]!;
    if (byte >= 0x80) return decoder.decode(bytes);
    text += String.fromCharCode(byte);
  }
  return text;
}

const EMPTY = new Uint8Array();

export function bytesOfText(text: string): Uint8Array {
  if (text === "") return EMPTY;
  if (text.length > SHORT) return encoder.encode(text);
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code >= 0x80) return encoder.encode(text);
    bytes[i] = code;
  }
  return bytes;
}
