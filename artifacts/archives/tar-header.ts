import { Buffer } from "node:buffer";
import { damagedArchive } from "./refusal.js";

export const BLOCK = 512;

/** One header block of a tar file, as POSIX.1-1988 (ustar) and GNU tar lay it out. */
export type TarHeader = {
  /** As written, the ustar prefix before it. */
  readonly name: Uint8Array;
  /** One character; "0" for the NUL that older writers put there. */
  readonly type: string;
  readonly size: number;
};

const text = (block: Buffer, start: number, length: number) => {
  const field = block.subarray(start, start + length);
  const end = field.indexOf(0);
  return end < 0 ? field : field.subarray(0, end);
};

/** Octal digits, or, by GNU's extension, a big-endian number behind a byte 0x80. */
function sizeOf(block: Buffer): number {
  const field = block.subarray(124, 136);
  if (field[0] === 0x80) {
    const size = Number(BigInt(`0x${field.subarray(1).toString("hex")}`));
    if (Number.isSafeInteger(size)) return size;
  }
  const digits = text(block, 124, 12).toString("latin1").trim();
  if (!/^[0-7]{1,12}$/.test(digits)) throw damagedArchive(`is damaged: an entry's size is "${shownField(field)}"`);
  return Number.parseInt(digits, 8);
}

const shownField = (field: Buffer) => field.toString("latin1").replace(/[^\x20-\x7e]/g, "?");

/** Of all bytes, those of the checksum itself taken as blanks; some old writers summed signed bytes. */
function checkSum(block: Buffer): void {
  const said = Number.parseInt(text(block, 148, 8).toString("latin1").trim(), 8);
  let unsigned = 0;
  let signed = 0;
  for (const [i, byte] of block.entries()) {
    const value = i >= 148 && i < 156 ? 0x20 : byte;
    unsigned += value;
    signed += (value << 24) >> 24;
  }
  if (said !== unsigned && said !== signed) throw damagedArchive("is damaged: the checksum of a tar header is wrong");
}

/** @throws DATA_LOSS for what is no header */
export function parseTarHeader(bytes: Uint8Array): TarHeader {
  const block = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  checkSum(block);
  // GNU tar writes "ustar  " and keeps other things where the prefix is.
  const isPosix = block.subarray(257, 263).equals(Buffer.from("ustar\0"));
  const prefix = isPosix ? text(block, 345, 155) : Buffer.alloc(0);
  const name = text(block, 0, 100);
  const type = block[156] ? String.fromCharCode(block[156]) : "0";
  return {
    name: prefix.length > 0 ? Buffer.concat([prefix, Buffer.from("/"), name]) : name,
    type,
    size: sizeOf(block),
  };
}
