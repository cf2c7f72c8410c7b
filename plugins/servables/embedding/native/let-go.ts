import { abortError, offGone, onGone } from "../../../../core/index.js";

/** What a promise comes to, or the signal's error as soon as it aborts; the work goes on for whoever else waits. */
export function letGo<Value>(work: Promise<Value>, signal: AbortSignal): Promise<Value> {
  if (signal.aborted) return Promise.reject(abortError(signal));
  return new Promise((resolve, reject) => {
    const leave = () => reject(abortError(signal));
    onGone({ signal }, leave);
    work.then(resolve, reject).finally(() => offGone({ signal }, leave));
  });
}
