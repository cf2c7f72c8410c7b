import { abortError } from "../../../../core/index.js";
import { onAbort } from "../../../runtimes/native/index.js";

/** What a promise comes to, or the signal's error as soon as it aborts; the work goes on for whoever else waits. */
export function letGo<Value>(work: Promise<Value>, signal: AbortSignal): Promise<Value> {
  if (signal.aborted) return Promise.reject(abortError(signal));
  return new Promise((resolve, reject) => {
    const stay = onAbort(signal, () => reject(abortError(signal)));
    work.then(resolve, reject).finally(stay);
  });
}
