import type { MessagePort, TransferListItem, Worker } from "node:worker_threads";
import { messageOf } from "../errors.js";
import { type PostedError, postedError, receivedError } from "./thread-error.js";

/** What may be asked of a thread: functions of one argument that can be posted. */
export type Calls = { readonly [name: string]: (argument: never) => unknown };

type ArgumentOf<F> = F extends (argument: infer A) => unknown ? A : never;
type ResultOf<F> = F extends (argument: never) => infer R ? Awaited<R> : never;

/** The end of a connection between two threads. */
export interface Channel<Remote> {
  /** @throws what the other side throws; `closed`'s reason once it is closed */
  call<K extends keyof Remote & string>(
    name: K,
    argument: ArgumentOf<Remote[K]>,
    moved?: readonly ArrayBuffer[],
  ): Promise<ResultOf<Remote[K]>>;
  /** Without waiting for an answer; after `close` it goes nowhere. */
  tell<K extends keyof Remote & string>(name: K, argument: ArgumentOf<Remote[K]>): void;
  /** The other side is gone: calls under way reject with `reason`, and so do those that come. */
  close(reason: Error): void;
}

/** An answer whose buffers go over without a copy. */
export class Moved<T> {
  constructor(
    readonly value: T,
    readonly buffers: readonly ArrayBuffer[],
  ) {}
}

type Asked = { readonly name: string; readonly argument: unknown; readonly id?: number };
type Answer = { readonly answer: number; readonly value?: unknown; readonly error?: PostedError };
type Pending = { readonly resolve: (value: never) => void; readonly reject: (error: unknown) => void };

/**
 * Messages arrive in the order they were sent. What a function in `local` does at once is done, and answered, before the
 * next message is looked at.
 * @param fail hears of what was told, not called, and failed
 */
export function openChannel<Remote extends Calls>(
  port: Worker | MessagePort,
  local: Calls,
  fail: (name: string, error: unknown) => void,
): Channel<Remote> {
  const pending = new Map<number, Pending>();
  let next = 0;
  let closed: Error | undefined;

  const post = (message: Asked | Answer, moved: readonly ArrayBuffer[] = []) =>
    port.postMessage(message, moved as readonly TransferListItem[]);

  function answered(id: number, result: unknown): void {
    const { value, buffers } = result instanceof Moved ? result : new Moved(result, []);
    try {
      post({ answer: id, value }, buffers);
    } catch (error) {
      refused(id, new Error(`its answer cannot be posted: ${messageOf(error)}`, { cause: error }));
    }
  }

  const refused = (id: number, error: unknown) => post({ answer: id, error: postedError(error) });

  function asked({ name, argument, id }: Asked): void {
    const settle = (value: unknown) => id !== undefined && answered(id, value);
    const reject = (error: unknown) => (id === undefined ? fail(name, error) : refused(id, error));
    try {
      const result = (local[name] as (argument: unknown) => unknown)(argument);
      if (result instanceof Promise) result.then(settle).catch(reject);
      else settle(result);
    } catch (error) {
      reject(error);
    }
  }

  port.on("message", (message: Asked | Answer) => {
    if ("name" in message) return asked(message);
    const waiting = pending.get(message.answer);
    pending.delete(message.answer);
    if (message.error) waiting?.reject(receivedError(message.error));
    else waiting?.resolve(message.value as never);
  });

  return {
    call: (name, argument, moved) =>
      new Promise((resolve, reject) => {
        if (closed) throw closed;
        const id = next++;
        post({ name, argument, id }, moved);
        pending.set(id, { resolve, reject });
      }),
    tell: (name, argument) => {
      if (!closed) post({ name, argument });
    },
    close: (reason) => {
      closed ??= reason;
      for (const { reject } of pending.values()) reject(reason);
      pending.clear();
    },
  };
}
