import type { Server } from "node:net";
import type { Connections } from "./engines/connections.js";

/** Names and values, made once for many replies: engines remember what they made of them. */
export type ReplyHeaders = Readonly<Record<string, string>>;

/** One request and its answer, whatever speaks HTTP. */
export interface Exchange {
  readonly method: string;
  /** As it was sent. */
  readonly target: string;
  /** The headers that matter to somebody; undefined where they did not come. */
  readonly origin: string | undefined;
  readonly priority: string | undefined;
  /**
   * All bytes, decompressed; "too large" as soon as more than the limit have come or are announced.
   * @throws CANCELLED when the client leaves before the end
   */
  body(): Body | Promise<Body>;
  /** Answers. The first answer counts, and none when the client has left. @param body must not change from now on */
  reply(status: number, headers: ReplyHeaders, body: string | Uint8Array): void;
  readonly left: boolean;
  /** Called when the client leaves before it is answered. Whoever sets it takes it back. */
  onLeft: (() => void) | undefined;
}

export type Body = Buffer | "too large";

/** Answers an exchange, sooner or later; never throws. */
export type Serve = (exchange: Exchange) => void;

/** Speaks HTTP/1.1 on the connections of its acceptor, which somebody else has listen. */
export type Engine = {
  readonly acceptor: Server;
  readonly connections: Connections;
  /** Once no connection is left. */
  close(): void;
};
