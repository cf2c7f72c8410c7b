const HEX = "0123456789ABCDEF";

/**
 * A status text as `grpc-message` has it: bytes of its UTF-8 outside of printable ASCII, and `%`, as `%XX`; blanks too
 * where they would be cut off.
 */
export function percentEncode(text: string): string {
  if (/^[!-$&-~]([ !-$&-~]*[!-$&-~])?$/.test(text)) return text;
  let encoded = "";
  for (const byte of Buffer.from(text)) {
    encoded +=
      byte > 0x20 && byte <= 0x7e && byte !== 0x25 ? String.fromCharCode(byte) : `%${HEX[byte >>> 4]}${HEX[byte & 15]}`;
  }
  return encoded;
}
