import { setImmediate as immediate } from "node:timers/promises";

/** Bytes of JSON handled between two turns of the event loop: one to four milliseconds of work. */
export const SLICE = 256 * 1024;

let last = Promise.resolve();

/**
 * Lets the event loop go on with others. All requests stand in one line, so that together too they take a slice in each
 * turn of the loop and not one apiece. @throws the signal's reason once the request is given up
 */
export async function turn(signal: AbortSignal): Promise<void> {
  last = last.then(() => immediate());
  await last;
  signal.throwIfAborted();
}

/** Work that stops after about a slice and is called again until it is done. */
export interface Resumable {
  /** Goes on until done (true) or until `limit` bytes have been passed (false). */
  step(limit: number): boolean;
  /** How far it has come, in bytes. */
  readonly at: number;
}

export async function finish(work: Resumable, signal: AbortSignal): Promise<void> {
  while (!work.step(work.at + SLICE)) await turn(signal);
}
