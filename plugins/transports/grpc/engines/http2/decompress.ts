import { promisify } from "node:util";
import { gunzip, inflate } from "node:zlib";
import { Code } from "../../../../../core/index.js";
import type { Status } from "../../status.js";

const ways: Readonly<Record<string, (bytes: Buffer, options: { maxOutputLength: number }) => Promise<Buffer>>> = {
  gzip: promisify(gunzip),
  deflate: promisify(inflate),
};

const isTooLarge = (error: unknown) => (error as NodeJS.ErrnoException).code === "ERR_BUFFER_TOO_LARGE";

/**
 * A message without its compression, at most `limit` bytes of it. It is done on libuv's threads: a small message may
 * hide a large one. @throws Status
 */
export async function decompress(encoding: string | undefined, bytes: Buffer, limit: number): Promise<Buffer> {
  const way = encoding !== undefined && Object.hasOwn(ways, encoding) ? ways[encoding] : undefined;
  if (way === undefined) {
    const status: Status =
      encoding === undefined || encoding === "identity"
        ? { code: Code.INTERNAL, details: "Received a message with the compressed flag, but no grpc-encoding" }
        : {
            code: Code.UNIMPLEMENTED,
            details: `Received message compressed with unsupported encoding "${encoding}"`,
          };
    throw status;
  }
  try {
    return await way(bytes, { maxOutputLength: Math.max(1, limit) });
  } catch (error) {
    const status: Status = isTooLarge(error)
      ? {
          code: Code.RESOURCE_EXHAUSTED,
          details: `Received message that decompresses to a size larger than ${limit}`,
        }
      : { code: Code.INTERNAL, details: "Failed to decompress message" };
    throw status;
  }
}
