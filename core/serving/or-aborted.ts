import { type Caller, isGone, offGone, onGone } from "../caller.js";
import { type CodeName, toServingError } from "../errors.js";
import { abortError } from "./abort-error.js";

/**
 * As `work`, but over as soon as the caller goes. `settled` is told when the work is over, in any case, and how.
 * @throws what `work` throws; ServingError when the caller has gone first
 */
export function orAborted<T>(
  work: Promise<T>,
  caller: Caller,
  settled: (code: CodeName) => void = () => {},
): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(abortError(caller.signal));
    onGone(caller, abort);
    if (isGone(caller)) abort();
    work.then(
      (value) => {
        offGone(caller, abort);
        settled("OK");
        resolve(value);
      },
      (error) => {
        offGone(caller, abort);
        settled(toServingError(error).code);
        reject(error);
      },
    );
  });
}
