import { promisify } from "node:util";
import { gunzip, inflate } from "node:zlib";
import { Code } from "../../../../../core/index.js";
import type { Status } from "../../status.js";

const ways: Readonly<Record<string, (bytes: Buffer, options: { maxOutputLength: number }) => Promise<Buffer>>> = {
  gzip: promisify(gunzip),
  deflate: promisify(inflate),
};

const isTooLarge = (error: unknown) => (error as NodeJS.ErrnoException).code === "ERR_BUFFER_TOO_LARGE";

const refusal = (code: number, details: string): Status => ({ code, details });

/**
 * A message without its compression, at most `limit` bytes of it, or what the call ends with. It is done on libuv's
 * threads: a small message may hide a large one.
 */
export async function decompress(encoding: string | undefined, bytes: Buffer, limit: number): Promise<Buffer | Status> {
  if (encoding === undefined || encoding === "identity") {
    return refusal(Code.INTERNAL, "Received a message with the compressed flag, but no grpc-encoding");
  }
  const way = Object.hasOwn(ways, encoding) ? ways[encoding] : undefined;
  if (way === undefined) {
    return refusal(Code.UNIMPLEMENTED, `Received message compressed with unsupported encoding "${encoding}"`);
  }
  try {
    return await way(bytes, { maxOutputLength: Math.max(1, limit) });
  } catch (error) {
    return isTooLarge(error)
      ? refusal(Code.RESOURCE_EXHAUSTED, `Received message that decompresses to a size larger than ${limit}`)
      : refusal(Code.INTERNAL, "Failed to decompress message");
  }
}
