/** What a client may do on one connection before it is somebody else's business, or none at all. */
export type Limits = {
  /** Bytes of a request line and headers; longer ones are Node's to judge. */
  readonly head: number;
  /** Bytes of requests to come that are kept while one is answered; the client's sending stops there. */
  readonly ahead: number;
  /** Milliseconds without a request, after the first one and before it. */
  readonly keepAlive: number;
  readonly silence: number;
  /** Milliseconds from a request's first byte to its last. */
  readonly request: number;
  /** Milliseconds between two looks at all connections, so the precision of the times. */
  readonly look: number;
};

/** Node's own, so that it makes no difference who serves a connection; `keepAlive` is a second longer than what replies say. */
export const LIMITS: Limits = {
  head: 8 * 1024,
  ahead: 64 * 1024,
  keepAlive: 6000,
  silence: 60_000,
  request: 300_000,
  look: 1000,
};
