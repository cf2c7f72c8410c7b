import { type CodeName, toServingError } from "../errors.js";
import { abortError } from "./abort-error.js";

/**
 * As `work`, but over as soon as the signal aborts. `settled` is told when the work is over, in any case, and how.
 * @throws what `work` throws; ServingError when aborted first
 */
export function orAborted<T>(
  work: Promise<T>,
  signal: AbortSignal,
  settled: (code: CodeName) => void = () => {},
): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(abortError(signal));
    signal.addEventListener("abort", abort);
    if (signal.aborted) abort();
    work.then(
      (value) => {
        signal.removeEventListener("abort", abort);
        settled("OK");
        resolve(value);
      },
      (error) => {
        signal.removeEventListener("abort", abort);
        settled(toServingError(error).code);
        reject(error);
      },
    );
  });
}
