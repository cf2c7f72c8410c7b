import { read } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { fromRandomAccessReaderPromise, RandomAccessReader, type ZipFile } from "yauzl";

/**
 * Reads only what is inside of the file. Positions come out of the file itself, and the system's own way to refuse one
 * is an exception in a callback, which nobody could catch.
 */
class BoundedReader extends RandomAccessReader {
  readonly #file: FileHandle;
  readonly #size: number;

  constructor(file: FileHandle, size: number) {
    super();
    this.#file = file;
    this.#size = size;
  }

  override read(
    buffer: Buffer,
    offset: number,
    length: number,
    position: number,
    callback: (error: Error | null, bytesRead?: number) => void,
  ): void {
    if (position >= 0 && position + length <= this.#size)
      read(this.#file.fd, buffer, offset, length, position, callback);
    else setImmediate(callback, new Error(`it names a place, ${position}, that is not in it`));
  }

  override close(callback: (error: Error | null) => void): void {
    this.#file.close().then(() => callback(null), callback);
  }
}

/** To be closed by who opens it. @throws the system's errors; others for what is no zip file */
export async function openZip(path: string): Promise<ZipFile> {
  const file = await open(path);
  try {
    const { size } = await file.stat();
    const options = { lazyEntries: true, autoClose: false, decodeStrings: false };
    return await fromRandomAccessReaderPromise(new BoundedReader(file, size), size, options);
  } catch (error) {
    await file.close();
    throw error;
  }
}
