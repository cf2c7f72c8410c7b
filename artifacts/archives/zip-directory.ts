import type { ZipFile } from "yauzl";
import { isServingError, messageOf } from "../../core/index.js";
import { damagedArchive, refusedArchive, refusedEntry } from "./refusal.js";
import { type ZipEntry, zipEntry } from "./zip-entry.js";
import { openZip } from "./zip-file.js";

/** Bytes of a record of the directory and of its end besides names, extra fields and comments. */
const RECORD = 46;
const END = 22;
const ZIP64_END = 56 + 20;
/** Bytes behind an entry that was written before its size was known. */
const DESCRIPTOR = 24;

/** Two entries that share bytes unpack to more than any archive of their size should. */
function checkOverlaps(entries: readonly ZipEntry[]): void {
  let end = 0;
  let before = "";
  for (const { name, start, dataStart, packedSize } of entries.toSorted((a, b) => a.start - b.start)) {
    if (start < end) throw refusedEntry(name, `shares bytes with ${before}`);
    end = dataStart + packedSize;
    before = name;
  }
}

/** A directory that is longer than it says would have entries that nobody sees. */
function checkRest(zip: ZipFile, entries: readonly ZipEntry[], directory: number): void {
  const used = entries.reduce((sum, { start, dataStart, packedSize }) => sum + dataStart - start + packedSize, 0);
  const rest = zip.fileSize - used - directory - END - Buffer.byteLength(zip.comment);
  if (rest < 0 || rest > ZIP64_END + DESCRIPTOR * entries.length)
    throw refusedArchive(`has ${rest} bytes that belong to none of its ${entries.length} entries`);
}

async function readAll(zip: ZipFile, most: number): Promise<readonly ZipEntry[]> {
  if (zip.entryCount > most) throw refusedArchive(`has more than ${most} files and folders`);
  const entries: ZipEntry[] = [];
  let directory = 0;
  for await (const entry of zip.eachEntry()) {
    const header = await zip.readLocalFileHeaderPromise(entry);
    const read = zipEntry(entry, header.fileDataStart);
    if (!header.fileName.equals(entry.fileNameRaw)) throw refusedEntry(read.name, "has another name in its own header");
    directory += RECORD + entry.fileNameLength + entry.extraFieldLength + entry.fileCommentLength;
    entries.push(read);
  }
  checkOverlaps(entries);
  checkRest(zip, entries, directory);
  return entries;
}

/**
 * All entries of a zip file, checked to lie side by side and to be all that there is.
 * @param most entries
 * @throws INVALID_ARGUMENT, DATA_LOSS
 */
export async function readZipDirectory(file: string, most: number): Promise<readonly ZipEntry[]> {
  try {
    const zip = await openZip(file);
    try {
      return await readAll(zip, most);
    } finally {
      zip.close();
    }
  } catch (error) {
    if (isServingError(error) || (error as NodeJS.ErrnoException).code !== undefined) throw error;
    throw damagedArchive(`cannot be read: ${messageOf(error)}`, error);
  }
}
