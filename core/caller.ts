/** Who waits for an answer. */
export interface Caller {
  /** Aborted when the caller is gone or its deadline passed. Some are only made when they are asked for. */
  readonly signal: AbortSignal;
  /** Whether `signal` has aborted, where that can be told without it. */
  readonly aborted?: boolean | undefined;
  /** As a listener to `signal`, where that can be had without it. */
  onGone?(listener: () => void): void;
  offGone?(listener: () => void): void;
}

/** Whether nobody waits any more. */
export const isGone = (caller: Caller): boolean => caller.aborted ?? caller.signal.aborted;

/** Those of signals: Node takes more than ten of one for a leak, and one may stand for many runs, so it carries one. */
const ofSignals = new WeakMap<AbortSignal, Set<() => void>>();

function listenersOf(signal: AbortSignal): Set<() => void> {
  const known = ofSignals.get(signal);
  if (known) return known;
  const made = new Set<() => void>();
  ofSignals.set(signal, made);
  signal.addEventListener("abort", () => {
    for (const listener of made) listener();
    made.clear();
  });
  return made;
}

/** Calls `listener`, which does not throw, once the caller goes; never for one who is gone. */
export function onGone(caller: Caller, listener: () => void): void {
  if (caller.onGone) caller.onGone(listener);
  else listenersOf(caller.signal).add(listener);
}

/** Takes a listener back. */
export function offGone(caller: Caller, listener: () => void): void {
  if (caller.offGone) caller.offGone(listener);
  else ofSignals.get(caller.signal)?.delete(listener);
}

/** Another one's caller, with what there is to say beside. */
export class CallerOf implements Caller {
  constructor(readonly caller: Caller) {}

  get signal(): AbortSignal {
    return this.caller.signal;
  }

  get aborted(): boolean {
    return isGone(this.caller);
  }

  onGone(listener: () => void): void {
    onGone(this.caller, listener);
  }

  offGone(listener: () => void): void {
    offGone(this.caller, listener);
  }
}

/** A caller who may leave. Its signal is made when it is asked for: that takes longer than most of a call. */
export class LazyCaller implements Caller {
  #controller: AbortController | undefined = undefined;
  #listeners: (() => void)[] | undefined = undefined;
  #reason: (() => unknown) | undefined = undefined;
  #watched = false;

  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      this.#watch();
      if (this.#reason) this.#controller.abort(this.#reason());
    }
    return this.#controller.signal;
  }

  get aborted(): boolean {
    return this.#reason !== undefined;
  }

  onGone(listener: () => void): void {
    this.#watch();
    this.#listeners ??= [];
    this.#listeners.push(listener);
  }

  offGone(listener: () => void): void {
    const at = this.#listeners?.indexOf(listener) ?? -1;
    if (at >= 0) this.#listeners!.splice(at, 1);
  }

  /** Called once, when somebody wants to know: for what `leave` is called by. */
  protected watch(): void {}

  /** What is done once counts. @param reason gives the signal's; an error takes longer to make than a call */
  protected leave(reason: () => unknown): void {
    if (this.#reason) return;
    this.#reason = reason;
    this.#controller?.abort(reason());
    const listeners = this.#listeners;
    this.#listeners = undefined;
    if (listeners) for (const listener of listeners) listener();
  }

  #watch(): void {
    if (this.#watched) return;
    this.#watched = true;
    this.watch();
  }
}
