import type { Frontend } from "./frontend.js";

export type Address = {
  /** `grpc`, `rest`, … */
  readonly protocol: string;
  readonly host: string;
  /** The real port, also when 0 was asked for. */
  readonly port: number;
  /** Whether connections are encrypted. */
  readonly secure?: boolean;
};

/** Brings requests in. Law: translate, never decide. Disposal is safe without `listen` and after `drain`. */
export interface Transport extends AsyncDisposable {
  /**
   * Opens its port, or takes connections from the host's `ListenerToken` where that stands for a listener.
   * @throws when the port cannot be had; the message names it
   */
  listen(frontend: Frontend): Promise<Address>;
  /** The server will drain soon: what comes is still answered, and clients are told to look for another server. */
  announceEnd?(): void;
  /** Takes no new connection or request, finishes those under way; cuts what is left when `deadline` aborts. */
  drain(deadline: AbortSignal): Promise<void>;
}
