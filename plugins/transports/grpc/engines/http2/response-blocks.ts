import { Code } from "../../../../../core/index.js";
import { OK, type Status } from "../../status.js";
import type { FieldToSend, HpackEncoder } from "./hpack/encoder.js";
import { percentEncode } from "./percent-encoding.js";

/** As grpc-js answers, but that errors name the encodings too. */
const opening: readonly FieldToSend[] = [
  { name: ":status", value: "200" },
  { name: "content-type", value: "application/grpc+proto", indexed: true },
  { name: "grpc-accept-encoding", value: "identity,deflate,gzip", indexed: true },
];
const plain: FieldToSend = { name: "grpc-encoding", value: "identity", indexed: true };

const statusFields = ({ code, details }: Status): readonly FieldToSend[] => [
  { name: "grpc-status", value: String(code), indexed: true },
  { name: "grpc-message", value: percentEncode(details), indexed: code === Code.OK },
];

/** The header blocks of answers. Those of calls that succeed are encoded once, as soon as they refer to tables only. */
export interface ResponseBlocks {
  headers(): Buffer;
  trailers(status: Status): Buffer;
  /** The only block of an answer without a message. */
  trailersOnly(status: Status): Buffer;
  /** An answer that is none of gRPC's. */
  http(status: number): Buffer;
}

function kept(encoder: HpackEncoder, fields: readonly FieldToSend[]): () => Buffer {
  let block: Buffer | undefined;
  let revision = -1;
  return () => {
    if (block !== undefined && revision === encoder.revision) return block;
    const settled = encoder.settled(fields);
    const encoded = encoder.encode(fields);
    block = settled ? encoded : undefined;
    revision = encoder.revision;
    return encoded;
  };
}

export function createResponseBlocks(encoder: HpackEncoder): ResponseBlocks {
  const ok = kept(encoder, statusFields(OK));
  return {
    headers: kept(encoder, [...opening, plain]),
    trailers: (status) => (status === OK ? ok() : encoder.encode(statusFields(status))),
    trailersOnly: (status) => encoder.encode([...opening, ...statusFields(status)]),
    http: (status) => encoder.encode([{ name: ":status", value: String(status) }]),
  };
}
