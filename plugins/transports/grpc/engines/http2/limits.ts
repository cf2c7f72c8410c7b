import type { GrpcOptions } from "../../options.js";

const KIB = 1024;
const MIB = 1024 * KIB;
const SECOND = 1000;

/** What one connection may ask of the server, in bytes and milliseconds. Infinity stands for "no limit". */
export type Limits = {
  /** Largest message taken or sent, after decompression. */
  readonly message: number;
  /** Calls under way at once; more are refused with REFUSED_STREAM, which clients may repeat. */
  readonly streams: number;
  /** Largest header list, as RFC 9113 counts it; no header block takes more either. */
  readonly headerList: number;
  /** What a client may send of one call, and of all, before it hears that more may come. */
  readonly streamWindow: number;
  readonly connectionWindow: number;
  /** Requests whose answer is not ready and answers that are not sent, together. */
  readonly held: number;
  /** Until the preface has come, and with TLS the handshake is done. */
  readonly handshake: number;
  /** Without any call, after which a connection is ended. */
  readonly idle: number;
  /** After which a connection is ended, a tenth more or less; its calls have `ageGrace` to end then. */
  readonly age: number;
  readonly ageGrace: number;
  /** Between pings, and how long one may stay unanswered. */
  readonly keepAlive: number;
  readonly keepAliveTimeout: number;
  /** How long nothing may move of what waits to be sent. */
  readonly stall: number;
};

type Arguments = NonNullable<GrpcOptions["channelArguments"]>;

/** gRPC has both -1 and the largest int for "no limit". */
function readNumber(given: Arguments, name: string, otherwise: number): number {
  const value = Number(given[name] ?? Number.NaN);
  if (Number.isNaN(value)) return otherwise;
  return value < 0 || value >= 2 ** 31 - 1 ? Number.POSITIVE_INFINITY : value;
}

/** The limits by gRPC's channel arguments; those that mean nothing here are left aside. */
export function limitsOf({ maxMessageSize, channelArguments: given = {} }: GrpcOptions): Limits {
  return {
    message: maxMessageSize,
    streams: readNumber(given, "grpc.max_concurrent_streams", 1000),
    headerList: readNumber(given, "grpc.max_metadata_size", 64 * KIB),
    streamWindow: 1 * MIB,
    connectionWindow: 8 * MIB,
    held: Math.max(maxMessageSize, 256 * MIB),
    handshake: readNumber(given, "grpc.server_handshake_timeout_ms", 20 * SECOND),
    idle: readNumber(given, "grpc.max_connection_idle_ms", Number.POSITIVE_INFINITY),
    age: readNumber(given, "grpc.max_connection_age_ms", Number.POSITIVE_INFINITY),
    ageGrace: readNumber(given, "grpc.max_connection_age_grace_ms", Number.POSITIVE_INFINITY),
    keepAlive: readNumber(given, "grpc.keepalive_time_ms", Number.POSITIVE_INFINITY),
    keepAliveTimeout: readNumber(given, "grpc.keepalive_timeout_ms", 20 * SECOND),
    stall: 60 * SECOND,
  };
}
