import { Buffer } from "node:buffer";
import { crc32, deflateRawSync } from "node:zlib";

/** An entry of a zip file to be; what is given beside name and bytes replaces what would be right. */
export type ZipPart = {
  readonly name: string | Uint8Array;
  readonly bytes?: string | Uint8Array | undefined;
  readonly method?: number;
  /** Of Unix, with the file type. */
  readonly mode?: number;
  readonly flags?: number;
  readonly crc32?: number;
  /** What it says of its bytes, unpacked. */
  readonly size?: number;
  readonly packed?: Uint8Array;
  /** In its own header. */
  readonly localName?: string;
  readonly extra?: Uint8Array;
  /** The entry's own header is that of the entry with this index. */
  readonly shares?: number;
};

export type ZipOptions = {
  /** How many entries the end says there are. */
  readonly count?: number;
  readonly comment?: string;
  /** The end as zip64 has it. */
  readonly zip64?: boolean;
};

const UTF8 = 0x800;

/** A record of little-endian numbers, as [bytes, value]. */
export function record(...fields: readonly (readonly [bytes: number, value: number | bigint])[]): Buffer {
  return Buffer.concat(
    fields.map(([bytes, value]) => {
      const field = Buffer.alloc(8);
      field.writeBigUInt64LE(BigInt(value));
      return field.subarray(0, bytes);
    }),
  );
}

function end(entries: number, length: number, offset: number, { comment = "", zip64 = false }: ZipOptions): Buffer {
  const wide = zip64
    ? [
        record([4, 0x06064b50], [8, 44], [2, 45], [2, 45], [4, 0], [4, 0]),
        record([8, entries], [8, entries], [8, length], [8, offset]),
        record([4, 0x07064b50], [4, 0], [8, offset + length], [4, 1]),
      ]
    : [];
  const [count, size, start] = zip64 ? [0xffff, 0xffffffff, 0xffffffff] : [entries, length, offset];
  const last = record([4, 0x06054b50], [2, 0], [2, 0], [2, count], [2, count], [4, size], [4, start]);
  return Buffer.concat([...wide, last, record([2, Buffer.byteLength(comment)]), Buffer.from(comment)]);
}

/** A zip file, deflated unless a part says otherwise. */
export function zipOf(parts: readonly ZipPart[], options: ZipOptions = {}): Buffer {
  const files: Buffer[] = [];
  const directory: Buffer[] = [];
  const starts: number[] = [];
  let at = 0;
  for (const { name, bytes = "", method = 8, mode = 0, flags = UTF8, extra = new Uint8Array(), ...part } of parts) {
    const content = Buffer.from(bytes as Uint8Array);
    const packed = part.packed ?? (method === 8 ? deflateRawSync(content) : content);
    const spelled = Buffer.from(name as Uint8Array);
    const own = part.localName === undefined ? spelled : Buffer.from(part.localName);
    const common = (length: number) =>
      Buffer.concat([
        record([2, 20], [2, flags], [2, method], [2, 0], [2, 0x21], [4, part.crc32 ?? crc32(content)]),
        record([4, packed.length], [4, part.size ?? content.length], [2, length], [2, extra.length]),
      ]);
    const start = part.shares === undefined ? at : (starts[part.shares] ?? 0);
    starts.push(start);
    if (part.shares === undefined) {
      const local = Buffer.concat([record([4, 0x04034b50]), common(own.length), own, extra, packed]);
      files.push(local);
      at += local.length;
    }
    const attributes = record([2, 0], [2, 0], [2, 0], [4, mode * 0x10000], [4, start]);
    directory.push(
      record([4, 0x02014b50], [2, 0x031e]),
      common(spelled.length),
      attributes,
      spelled,
      Buffer.from(extra),
    );
  }
  const listed = Buffer.concat(directory);
  return Buffer.concat([...files, listed, end(options.count ?? parts.length, listed.length, at, options)]);
}
