import { Buffer } from "node:buffer";

/** An entry of a tar file to be; what is given beside name and bytes replaces what would be right. */
export type TarPart = {
  readonly name: string | Uint8Array;
  readonly bytes?: string | Uint8Array;
  readonly type?: string;
  /** What its header says, in octal digits or as the field's bytes. */
  readonly size?: number | Uint8Array;
  readonly link?: string;
  readonly prefix?: string;
  readonly checksum?: number;
  /** "ustar\0" of POSIX or "ustar " of GNU. */
  readonly magic?: string;
};

export const padding = (length: number) => Buffer.alloc((512 - (length % 512)) % 512);

export function tarHeader({ name, bytes = "", type = "0", size, link = "", prefix = "", ...part }: TarPart): Buffer {
  const block = Buffer.alloc(512);
  const put = (value: string | Uint8Array, at: number) => Buffer.from(value as Uint8Array).copy(block, at);
  const length = size ?? Buffer.byteLength(bytes as Uint8Array);
  put(name, 0);
  put("0000644", 100);
  put(typeof length === "number" ? length.toString(8).padStart(11, "0") : length, 124);
  put("        ", 148);
  put(type, 156);
  put(link, 157);
  put(part.magic ?? "ustar\0", 257);
  put(prefix, 345);
  const sum = block.reduce((total, byte) => total + byte, 0);
  put(`${(part.checksum ?? sum).toString(8).padStart(6, "0")}\0`, 148);
  return block;
}

/** Without the empty blocks at the end. */
export const tarBody = (parts: readonly TarPart[]): Buffer =>
  Buffer.concat(
    parts.flatMap((part) => {
      const bytes = Buffer.from((part.bytes ?? "") as Uint8Array);
      return [tarHeader(part), bytes, padding(bytes.length)];
    }),
  );

export const tarOf = (parts: readonly TarPart[]): Buffer => Buffer.concat([tarBody(parts), Buffer.alloc(1024)]);

/** A record of a pax header. */
export function paxRecord(key: string, value: string): string {
  const rest = ` ${key}=${value}\n`;
  const length = Buffer.byteLength(rest);
  const digits = [1, 2, 3, 4, 5].find((count) => String(length + count).length === count) ?? 0;
  return `${length + digits}${rest}`;
}
