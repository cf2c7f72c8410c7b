/** `work`, or the signal's reason as soon as it aborts; what comes of the work then is `unwanted`'s. */
export function orAborted<T>(
  work: Promise<T>,
  signal: AbortSignal,
  unwanted: (late: T) => void = () => {},
): Promise<T> {
  return new Promise((resolve, reject) => {
    let left = false;
    const leave = () => {
      left = true;
      reject(signal.reason);
    };
    if (signal.aborted) leave();
    signal.addEventListener("abort", leave, { once: true });
    work
      .then((value) => (left ? unwanted(value) : resolve(value)), reject)
      .finally(() => signal.removeEventListener("abort", leave));
  });
}

/** Each of `items` as it comes, until the signal aborts: then it throws at once, whatever they are waiting for. */
export async function* promptly<T>(items: AsyncIterable<T>, signal: AbortSignal): AsyncGenerator<T, void, void> {
  const iterator = items[Symbol.asyncIterator]();
  let stop = () => {};
  const onAbort = () => stop();
  signal.addEventListener("abort", onAbort);
  try {
    for (;;) {
      // One listener for all: a race against one promise of the signal's would be remembered by it for each item.
      const step = await new Promise<IteratorResult<T>>((resolve, reject) => {
        stop = () => reject(signal.reason);
        if (signal.aborted) return stop();
        iterator.next().then(resolve, reject);
      });
      if (step.done) return;
      yield step.value;
    }
  } finally {
    signal.removeEventListener("abort", onAbort);
    // Not waited for: it may hang where the items do.
    void Promise.resolve(iterator.return?.()).catch(() => {});
  }
}
