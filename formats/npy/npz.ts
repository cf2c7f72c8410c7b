import { pipeline } from "node:stream/promises";
import { type Entry, openPromise, type ZipFile } from "yauzl";
import { dataLoss, failedPrecondition, messageOf, notFound } from "../../core/index.js";

/** One array of an `.npz`: a `.npy` inside of a zip file. */
export interface NpzMember {
  /** Without its `.npy`. */
  readonly name: string;
  /** Bytes of the `.npy`. */
  readonly size: number;
  /** Where the `.npy` lies in the file as it is; undefined for one that is compressed. */
  readonly offset: number | undefined;
  /** Gives the `.npy` in pieces, in order. @throws DATA_LOSS when it is not what the file says */
  read(take: (piece: Uint8Array) => void): Promise<void>;
}

export interface Npz extends Disposable {
  readonly names: readonly string[];
  /** @throws NOT_FOUND */
  member(name: string): Promise<NpzMember>;
}

const STORED = 0;
const DEFLATED = 8;
/** Deflate makes at most 1032 bytes out of one; numbers that anybody computed are far from it. */
const MOST_RATIO = 200;

function checkEntry(entry: Entry, what: string): void {
  const { compressionMethod: method, compressedSize, uncompressedSize } = entry;
  if (entry.isEncrypted()) throw failedPrecondition(`${what} is encrypted`);
  if (method !== STORED && method !== DEFLATED) {
    throw failedPrecondition(
      `${what} is compressed by method ${method}; np.savez and np.savez_compressed write others`,
    );
  }
  if (uncompressedSize > MOST_RATIO * (compressedSize + 1000)) {
    throw dataLoss(`${what} announces ${uncompressedSize} bytes out of ${compressedSize}; no table is so repetitive`);
  }
}

async function entriesOf(zip: ZipFile): Promise<Map<string, Entry>> {
  const entries = new Map<string, Entry>();
  for await (const entry of zip.eachEntry()) {
    if (entry.fileName.endsWith(".npy")) entries.set(entry.fileName.slice(0, -".npy".length), entry);
  }
  return entries;
}

/** `what` names the file in errors. @throws DATA_LOSS when it is no zip file or was cut short */
export async function openNpz(path: string, what: string): Promise<Npz> {
  const broken = (error: unknown) => dataLoss(`${what} is no .npz file, or was cut short: ${messageOf(error)}`, error);
  const zip = await openPromise(path, { lazyEntries: true, autoClose: false }).catch((error: unknown) => {
    throw broken(error);
  });
  try {
    const entries = await entriesOf(zip);
    return {
      names: [...entries.keys()],
      member: (name) => open(zip, entries.get(name), name, what),
      [Symbol.dispose]: () => zip.close(),
    };
  } catch (error) {
    zip.close();
    throw broken(error);
  }
}

async function open(zip: ZipFile, entry: Entry | undefined, name: string, file: string): Promise<NpzMember> {
  if (!entry) throw notFound(`${file} has no array "${name}"`);
  const what = `${name}.npy in ${file}`;
  checkEntry(entry, what);
  const damaged = (error: unknown) => dataLoss(`${what} is damaged: ${messageOf(error)}`, error);
  const header = await zip.readLocalFileHeaderPromise(entry, { minimal: true }).catch((error: unknown) => {
    throw damaged(error);
  });
  return {
    name,
    size: entry.uncompressedSize,
    offset: entry.compressionMethod === STORED ? header.fileDataStart : undefined,
    read: async (take) => {
      try {
        await pipeline(await zip.openReadStreamPromise(entry), async (pieces) => {
          for await (const piece of pieces) take(piece as Uint8Array);
        });
      } catch (error) {
        throw damaged(error);
      }
    },
  };
}
