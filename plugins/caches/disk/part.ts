import { createHash, type Hash } from "node:crypto";
import { type FileHandle, open, readFile, rm, writeFile } from "node:fs/promises";

/** Larger pieces would hold the event loop while they are hashed. */
const PIECE = 256 * 1024;

/** Of what file it is a part. */
export type PartMark = { readonly etag?: string | undefined; readonly size?: number | undefined };

/** A file that is on its way here, from its first byte on. */
export interface Part {
  readonly path: string;
  readonly length: number;
  readonly mark: PartMark;
  /** Says of what file all further bytes are; the same one as before, unless the part is empty. */
  begin(mark: PartMark): Promise<void>;
  append(bytes: Uint8Array): Promise<void>;
  /** Starts anew, with nothing. */
  clear(): Promise<void>;
  /** Brings all bytes to the disk. Returns their SHA-256. */
  finish(): Promise<string>;
  close(): Promise<void>;
  /** Removes it. */
  drop(): Promise<void>;
}

async function readMark(path: string): Promise<PartMark | undefined> {
  try {
    const { etag, size } = JSON.parse(await readFile(path, "utf8"));
    return { etag: typeof etag === "string" ? etag : undefined, size: typeof size === "number" ? size : undefined };
  } catch {
    return undefined;
  }
}

async function hashed(file: FileHandle): Promise<{ readonly hash: Hash; readonly length: number }> {
  const hash = createHash("sha256");
  const buffer = Buffer.allocUnsafe(PIECE);
  let length = 0;
  for (;;) {
    const { bytesRead } = await file.read(buffer, 0, PIECE, length);
    if (bytesRead === 0) return { hash, length };
    hash.update(buffer.subarray(0, bytesRead));
    length += bytesRead;
  }
}

/** Does something on the disk. @throws what the system says, explained */
export type OnDisk = <T>(work: () => Promise<T>) => Promise<T>;

/**
 * A new part, or the one that an earlier attempt has left at `path`.
 * @param markPath where its mark is kept; without it nothing of it is left for a later attempt
 */
export async function openPart(path: string, markPath: string | undefined, onDisk: OnDisk): Promise<Part> {
  let mark: PartMark | undefined = markPath === undefined ? undefined : await readMark(markPath);
  // Without its mark nobody knows what it was.
  const file = await open(path, mark ? "a+" : "w+");
  let { hash, length } = mark ? await hashed(file) : { hash: createHash("sha256"), length: 0 };
  let closed = false;

  async function close(): Promise<void> {
    if (closed) return;
    closed = true;
    await file.close();
  }

  async function begin(next: PartMark): Promise<void> {
    if (mark && mark.etag === next.etag && mark.size === next.size) return;
    mark = next;
    if (markPath !== undefined) await writeFile(markPath, JSON.stringify(next));
  }

  async function append(bytes: Uint8Array): Promise<void> {
    for (let at = 0; at < bytes.length; at += PIECE) {
      const piece = bytes.subarray(at, at + PIECE);
      for (let written = 0; written < piece.length; ) {
        const { bytesWritten } = await file.write(piece, written, piece.length - written, length + written);
        written += bytesWritten;
      }
      hash.update(piece);
      length += piece.length;
    }
  }

  async function clear(): Promise<void> {
    await file.truncate(0);
    hash = createHash("sha256");
    length = 0;
    mark = undefined;
    if (markPath !== undefined) await rm(markPath, { force: true });
  }

  async function finish(): Promise<string> {
    await file.sync();
    await close();
    return hash.digest("hex");
  }

  async function drop(): Promise<void> {
    await close().catch(() => {});
    await rm(path, { force: true });
    if (markPath !== undefined) await rm(markPath, { force: true });
  }

  return {
    path,
    get length() {
      return length;
    },
    get mark() {
      return mark ?? {};
    },
    begin: (next) => onDisk(() => begin(next)),
    append: (bytes) => onDisk(() => append(bytes)),
    clear: () => onDisk(clear),
    finish: () => onDisk(finish),
    close,
    drop: () => onDisk(drop),
  };
}
