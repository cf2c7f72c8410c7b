import { data, Flag, headers, uint32 } from "./frames.js";
import { block, type Field } from "./hpack.js";
import type { Reply } from "./raw-client.js";

/** gRPC over HTTP/2 as a client writes it. */

export const PREDICT = "/tensorflow.serving.PredictionService/Predict";
export const CHECK = "/grpc.health.v1.Health/Check";

export const requestFields = (path: string, more: readonly Field[] = []): readonly Field[] => [
  [":method", "POST"],
  [":scheme", "http"],
  [":path", path],
  [":authority", "127.0.0.1"],
  ["te", "trailers"],
  ["content-type", "application/grpc"],
  ...more,
];

/** A message behind its flag and its length, which `length` lies about where it is given. */
export const message = (bytes: Uint8Array, compressed = 0, length = bytes.length) =>
  Buffer.concat([Buffer.of(compressed), uint32(length), bytes]);

/** The body of a stream to its end, in DATA frames of up to `size` bytes. */
export function body(stream: number, bytes: Buffer, size = 16_384): Buffer {
  const count = Math.max(1, Math.ceil(bytes.length / size));
  const pieces = Array.from({ length: count }, (_, i) => bytes.subarray(i * size, (i + 1) * size));
  return Buffer.concat(pieces.map((piece, i) => data(stream, piece, i === count - 1 ? Flag.END_STREAM : 0)));
}

/** A whole unary request in its plainest form. */
export const request = (stream: number, path: string, bytes: Uint8Array, more: readonly Field[] = []) =>
  Buffer.concat([headers(stream, block(requestFields(path, more))), body(stream, message(bytes))]);

export type GrpcReply = {
  readonly status: number;
  readonly text: string;
  readonly messages: readonly Buffer[];
};

/** What a reply says as gRPC. @throws for one that is none, with what it is */
export function grpcReply({ blocks, body, reset, connection }: Reply): GrpcReply {
  const [first, last] = [blocks[0], blocks.at(-1)];
  if (
    first?.[":status"] !== "200" ||
    !first["content-type"]?.startsWith("application/grpc") ||
    !last?.["grpc-status"]
  ) {
    throw new Error(`no gRPC reply: ${JSON.stringify({ blocks, body: body.toString("hex"), reset, connection })}`);
  }
  const messages: Buffer[] = [];
  for (let at = 0; at < body.length; ) {
    const length = body.readUInt32BE(at + 1);
    if (at + 5 + length > body.length) throw new Error(`a message of ${length} bytes is cut off`);
    messages.push(body.subarray(at + 5, at + 5 + length));
    at += 5 + length;
  }
  return { status: Number(last["grpc-status"]), text: decodeURIComponent(last["grpc-message"] ?? ""), messages };
}
