import type { Entry } from "yauzl";
import { type ArchiveEntry, nameOf } from "./entry.js";
import { refusedEntry } from "./refusal.js";

/** What of a zip file's directory is needed to unpack an entry; there may be very many. */
export type ZipEntry = {
  readonly name: string;
  readonly kind: ArchiveEntry["kind"];
  readonly deflated: boolean;
  /** Of its bytes, unpacked. */
  readonly crc32: number;
  readonly size: number;
  readonly packedSize: number;
  /** Where its own header begins in the file. */
  readonly start: number;
  /** Where its packed bytes begin. */
  readonly dataStart: number;
};

const STORED = 0;
const DEFLATED = 8;
/** An Info-ZIP extra field with the name in UTF-8 (APPNOTE 4.6.9). */
const UNICODE_PATH = 0x7075;
/** Bits of the general purpose flag: encrypted, strongly encrypted, with masked headers. */
const ENCRYPTED = 0x1 | 0x40 | 0x2000;

const FILE_TYPE = 0o170000;
/** The file type as Unix has it, in the upper half of the attributes; 0 where the writer knew of none. */
const fileTypes: ReadonlyMap<number, string> = new Map([
  [0o120000, "is a symbolic link"],
  [0o020000, "is a device"],
  [0o060000, "is a device"],
  [0o010000, "is a named pipe"],
  [0o140000, "is a socket"],
]);

function checkType(name: string, entry: Entry, isFolder: boolean): void {
  const type = (entry.externalFileAttributes >>> 16) & FILE_TYPE;
  const special = fileTypes.get(type);
  if (special) throw refusedEntry(name, special);
  if ((type === 0o040000) !== isFolder && type !== 0) throw refusedEntry(name, "is a file and a folder at once");
  if (isFolder && entry.uncompressedSize > 0) throw refusedEntry(name, "is a folder with bytes of its own");
}

function checkOtherName(name: string, entry: Entry): void {
  const other = entry.extraFields.find(({ id, data }) => id === UNICODE_PATH && data.length > 5)?.data.subarray(5);
  if (other && !other.equals(entry.fileNameRaw)) throw refusedEntry(name, "has a second name in UTF-8");
}

/**
 * Reads an entry of a zip file's directory, which says that its bytes are at `dataStart`.
 * @throws INVALID_ARGUMENT
 */
export function zipEntry(entry: Entry, dataStart: number): ZipEntry {
  const name = nameOf(entry.fileNameRaw);
  const { compressionMethod: method } = entry;
  const isFolder = name.endsWith("/");
  if (entry.generalPurposeBitFlag & ENCRYPTED) throw refusedEntry(name, "is encrypted");
  if (method !== STORED && method !== DEFLATED)
    throw refusedEntry(name, `is compressed by method ${method}; only "deflate" (8) and none (0) are known`);
  checkType(name, entry, isFolder);
  checkOtherName(name, entry);
  return {
    name,
    kind: isFolder ? "folder" : "file",
    deflated: method === DEFLATED,
    crc32: entry.crc32,
    size: entry.uncompressedSize,
    packedSize: entry.compressedSize,
    start: entry.relativeOffsetOfLocalHeader,
    dataStart,
  };
}
