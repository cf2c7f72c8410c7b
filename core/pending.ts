/** What a function that may answer at once gives. */
export type MaybePromise<T> = T | Promise<T>;

/** Whether an answer is still to come. */
export const isPending = <T>(answer: MaybePromise<T>): answer is Promise<T> =>
  typeof (answer as { then?: unknown } | undefined)?.then === "function";

export const asIs = <T>(value: T): T => value;

/**
 * Does work that may be done at once, without a promise where it is, and `next` with what comes of it. What either throws
 * is a rejection, with what `failed` makes of it.
 */
export function whenDone<T, R>(
  work: () => MaybePromise<T>,
  next: (value: T) => MaybePromise<R>,
  failed: (error: unknown) => unknown = asIs,
): MaybePromise<R> {
  const reject = (error: unknown) => Promise.reject(failed(error));
  try {
    const answer = work();
    return isPending(answer) ? answer.then(next).catch(reject) : next(answer);
  } catch (error) {
    return reject(error);
  }
}

/** Calls `over` when an answer has come, or will not. */
export function afterwards<T>(answer: MaybePromise<T>, over: () => void): MaybePromise<T> {
  if (isPending(answer)) return answer.finally(over);
  over();
  return answer;
}
