import { Buffer } from "node:buffer";
import { damagedArchive, refusedArchive } from "./refusal.js";

/** What a pax header says instead of the header after it. */
export type PaxFields = { readonly path?: Uint8Array; readonly size?: number };

const damaged = (cause?: unknown) => damagedArchive("is damaged: a pax header cannot be read", cause);

/** The records of a pax header: `<length of all of this> <key>=<value>\n`, one after the other. */
function* records(bytes: Buffer): Generator<readonly [key: string, value: Buffer]> {
  for (let at = 0; at < bytes.length; ) {
    const blank = bytes.indexOf(0x20, at);
    const digits = bytes.toString("latin1", at, Math.max(at, blank));
    const end = at + Number(digits);
    const equals = bytes.indexOf(0x3d, blank);
    const whole = /^[1-9]\d{0,9}$/.test(digits) && equals > blank && equals < end && bytes[end - 1] === 0x0a;
    if (!whole) throw damaged();
    yield [bytes.toString("latin1", blank + 1, equals), bytes.subarray(equals + 1, end - 1)];
    at = end;
  }
}

/**
 * What of a pax header (POSIX.1-2001) decides about a file; times, owners and comments do not.
 * @param everywhere it is about all entries that follow, where a path or a size makes no sense
 * @throws INVALID_ARGUMENT, DATA_LOSS
 */
export function readPax(bytes: Uint8Array, everywhere: boolean): PaxFields {
  let fields: PaxFields = {};
  for (const [key, value] of records(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength))) {
    if (key.startsWith("GNU.sparse.")) throw refusedArchive("has a sparse file; pack it without --sparse");
    if (key !== "path" && key !== "size") continue;
    if (everywhere) throw refusedArchive(`has one ${key} for all of its entries`);
    if (key === "path") fields = { ...fields, path: value };
    else {
      const size = Number(value.toString("latin1"));
      if (!/^\d{1,16}$/.test(value.toString("latin1")) || !Number.isSafeInteger(size)) throw damaged();
      fields = { ...fields, size };
    }
  }
  return fields;
}
