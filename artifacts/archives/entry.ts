import { refusedArchive } from "./refusal.js";

/** One file or folder as an archive has it; nothing in it is checked. */
export type ArchiveEntry = {
  /** As written, of a folder perhaps with "/" at its end. */
  readonly name: string;
  readonly kind: "file" | "folder";
  /** Of a file. To be read before the next entry is asked for. */
  readonly bytes: AsyncIterable<Uint8Array>;
};

export const noBytes: AsyncIterable<Uint8Array> = { async *[Symbol.asyncIterator]() {} };

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** @throws INVALID_ARGUMENT for bytes that are no UTF-8: as another encoding they could be any name */
export function nameOf(bytes: Uint8Array): string {
  try {
    return utf8.decode(bytes);
  } catch (error) {
    const readable = new TextDecoder("latin1").decode(bytes).replace(/[^\x20-\x7e]/g, "?");
    throw refusedArchive(`has an entry whose name is no UTF-8, "${readable.slice(0, 100)}"`, error);
  }
}
