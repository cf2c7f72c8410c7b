import type { IncomingMessage } from "node:http";
import type { Readable } from "node:stream";
import { createGunzip } from "node:zlib";
import { isServingError, ServingError } from "../../../../../core/index.js";

// A promise of many bytes is not yet a reason to set aside memory for them.
const FIRST = 1024 * 1024;

type Body = Buffer | "too large";

const left = (cause?: unknown) =>
  new ServingError("CANCELLED", "the client left before its request was complete", { cause });

/** All bytes of a stream, in one buffer that grows with what has come. */
function collect(stream: Readable, limit: number, expected: number): Promise<Body> {
  return new Promise((resolve, reject) => {
    let bytes: Buffer = Buffer.alloc(0);
    let length = 0;
    stream.on("data", (chunk: Buffer) => {
      if (length + chunk.length > limit) {
        stream.removeAllListeners("data");
        resolve("too large");
        return;
      }
      if (length === 0 && chunk.length >= expected) bytes = chunk;
      else {
        if (length + chunk.length > bytes.length) {
          const room = Math.max(length + chunk.length, Math.min(expected, FIRST), bytes.length * 2);
          const wider = Buffer.allocUnsafe(room);
          bytes.copy(wider, 0, 0, length);
          bytes = wider;
        }
        chunk.copy(bytes, length);
      }
      length += chunk.length;
    });
    const gone = () => reject(left());
    stream.on("end", () => {
      // Every stream closes in the end; an error for nobody costs microseconds.
      stream.off("close", gone);
      resolve(bytes.subarray(0, length));
    });
    stream.on("error", reject);
    stream.on("close", gone);
  });
}

/**
 * The body of a request, decompressed where `Content-Encoding` says gzip; "too large" as soon as more than `limit` bytes
 * have come or are announced, with the rest unread. As in TensorFlow Serving what cannot be decompressed is an empty
 * body.
 * @throws CANCELLED when the client leaves before the end
 */
export async function readBody(incoming: IncomingMessage, limit: number): Promise<Body> {
  const announced = Number(incoming.headers["content-length"] ?? 0);
  if (announced > limit) return "too large";
  if (!incoming.headers["content-encoding"]?.includes("gzip")) {
    // A request's stream has no errors but that its connection ended.
    return collect(incoming, limit, announced).catch((error) => Promise.reject(left(error)));
  }

  const gunzip = createGunzip();
  const stop = () => gunzip.destroy(left());
  incoming.once("aborted", stop);
  try {
    return await collect(incoming.pipe(gunzip), limit, 0);
  } catch (error) {
    if (isServingError(error)) throw error;
    return Buffer.alloc(0);
  } finally {
    incoming.off("aborted", stop);
    incoming.unpipe(gunzip);
    incoming.resume();
    gunzip.destroy();
  }
}
