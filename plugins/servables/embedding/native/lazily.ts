import { type Logger, messageOf, orAborted } from "../../../../core/index.js";

/** Something that the first who asks for it opens. */
export interface Lazily<Opened> extends AsyncDisposable {
  /** undefined where it cannot be had. @throws CANCELLED or DEADLINE_EXCEEDED when `signal` aborts */
  get(signal: AbortSignal): Promise<Opened | undefined>;
}

/** Where `open` fails the log says why, once; then there is none. */
export function lazily<Opened extends AsyncDisposable>(open: () => Promise<Opened>, log: Logger): Lazily<Opened> {
  let opened: Promise<Opened | undefined> | undefined;
  let closed = false;
  const begin = () =>
    open().catch((error: unknown) => {
      if (!closed)
        log.warn({ error }, `ONNX Runtime is of no help to the table: ${messageOf(error)}; threads do its work`);
      return undefined;
    });
  return {
    get: (signal) => {
      opened ??= begin();
      return orAborted(opened, { signal });
    },
    [Symbol.asyncDispose]: async () => {
      closed = true;
      await (await opened)?.[Symbol.asyncDispose]();
    },
  };
}
