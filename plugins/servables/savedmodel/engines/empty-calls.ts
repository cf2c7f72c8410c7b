import { elementCount, type Tensors } from "../../../../core/index.js";
import type { OrtSession } from "../../../runtimes/onnxruntime/index.js";

const isEmpty = (inputs: Tensors) => Object.values(inputs).some(({ shape }) => elementCount(shape) === 0);

/**
 * The session, that it may also answer calls with empty tensors. Some of what ONNX Runtime rewrites a graph to for speed
 * fails where there are no elements: images laid out in blocks of channels, products that take in a transpose. Such a
 * call is run again on the session that `reopen` opens without this, once, when the first comes.
 */
export function answeringEmptyCalls(session: OrtSession, reopen: () => Promise<OrtSession>): OrtSession {
  let plain: Promise<OrtSession> | undefined;
  return {
    ...session,
    run: async (given, wanted, signal) => {
      try {
        return await session.run(given, wanted, signal);
      } catch (error) {
        if (!isEmpty(given) || signal.aborted) throw error;
      }
      plain ??= reopen();
      return (await plain).run(given, wanted, signal);
    },
    [Symbol.asyncDispose]: async () => {
      await session[Symbol.asyncDispose]();
      await (await plain?.catch(() => undefined))?.[Symbol.asyncDispose]();
    },
  };
}

/** The session; what it throws for calls with empty tensors is put into `failed`. */
export function notingEmptyCalls(session: OrtSession, failed: WeakSet<object>): OrtSession {
  return {
    ...session,
    run: async (given, wanted, signal) => {
      try {
        return await session.run(given, wanted, signal);
      } catch (error) {
        if (isEmpty(given) && !signal.aborted && error instanceof Error) failed.add(error);
        throw error;
      }
    },
  };
}
