import type { Caller } from "../../../core/index.js";
import { hold } from "./hold.js";
import { lanes } from "./lanes.js";
import type { Limiter } from "./limiter.js";

type Callback<R> = (error: unknown, result: R) => void;

/** A C function: called directly it runs on this thread, through `async` on one of libuv's. */
export interface NativeFunction<A extends readonly unknown[] = readonly unknown[], R = unknown> {
  (...args: A): R;
  readonly async: (...args: [...A, Callback<R>]) => void;
}

export type CallOptions = {
  /** Everything that the native code reaches through raw pointers; the arguments themselves are held in any case. */
  readonly keep?: readonly unknown[];
  /** Which lane waits for it; `lanes.runs` by default. */
  readonly lane?: Limiter;
  /** Told when the wait for a place is over. */
  readonly onBegin?: () => void;
  /** Who waits for a place, until it goes. A call that has begun is not ended by that: it is the library's business. */
  readonly caller?: Caller;
};

/**
 * Runs a C function on libuv's pool. The arguments and `keep` stay reachable from this moment until the call has
 * returned, whatever becomes of the promise.
 */
export function callAsync<A extends readonly unknown[], R>(
  fn: NativeFunction<A, R>,
  args: A,
  options: CallOptions = {},
): Promise<R> {
  const { keep = [], lane = lanes.runs, onBegin, caller } = options;
  return lane.run(() => {
    onBegin?.();
    return begin(fn, args, keep);
  }, caller);
}

function begin<A extends readonly unknown[], R>(
  fn: NativeFunction<A, R>,
  args: A,
  keep: readonly unknown[],
): Promise<R> {
  return new Promise<R>((resolve, reject) => {
    const letGo = hold([fn, args, keep]);
    const settle: Callback<R> = (error, result) => {
      letGo();
      if (error) reject(error);
      else resolve(result);
    };
    try {
      fn.async(...([...args, settle] as [...A, Callback<R>]));
    } catch (error) {
      letGo();
      reject(error);
    }
  });
}
