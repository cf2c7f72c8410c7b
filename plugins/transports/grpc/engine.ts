import type { Address, Caller, RequestMemory } from "../../../core/index.js";
import type { Status } from "./status.js";

/** What every call says beside its messages. */
export interface Call extends Caller {
  /** When the client stops waiting, in milliseconds since 1970; Infinity when it never does. */
  readonly deadline: number;
  /** Aborts with a ServingError that says why when the call ends before its answer; never after. */
  readonly signal: AbortSignal;
  /** The first value of an ASCII metadata entry; `name` is in lower case. */
  metadata(name: string): string | undefined;
}

/** Ends once; what is said of a call that is over does nothing. */
export interface UnaryCall extends Call {
  /** One serialized message. It stays as it is for as long as it is held and `memory` is not given back. */
  readonly request: Buffer;
  /** Where the request may lie, and what is made of it may. */
  readonly memory: RequestMemory;
  /** @param response must not change from now on */
  succeed(response: Buffer): void;
  fail(status: Status): void;
}

/** Ends once; what is said of a call that is over does nothing. */
export interface StreamCall extends Call {
  /** @param message must not change from now on */
  send(message: Buffer): void;
  end(status: Status): void;
}

/** What a streaming method hears of one call. */
export interface StreamListener {
  message(bytes: Buffer): void;
  /** The client has sent its last message. */
  halfClose(): void;
  /** The call is over, in whatever way; nothing is heard after. */
  closed(): void;
}

export type Method =
  | { readonly kind: "unary"; readonly handle: (call: UnaryCall) => void }
  /** A server stream hears exactly one message, then the half-close: the engine sees to it. */
  | { readonly kind: "server-stream" | "bidi"; readonly open: (call: StreamCall) => StreamListener };

/** By their paths, as in `/package.Service/Method`. */
export type Methods = ReadonlyMap<string, Method>;

/** Speaks gRPC over HTTP/2 on the addresses of its options. Disposal is safe without `listen` and after `drain`. */
export interface GrpcEngine extends AsyncDisposable {
  /** @throws when an address cannot be had; the message names it */
  listen(methods: Methods): Promise<Address>;
  /** Clients are told to look for another server; what comes is still answered. */
  announceEnd?(): void;
  /** Takes no new connection or call, finishes those under way; cuts what is left when `deadline` aborts. */
  drain(deadline: AbortSignal): Promise<void>;
}
