import { asIs, elementCount, isGone, type Tensors, whenDone } from "../../../../core/index.js";
import type { OrtSession } from "../../../runtimes/onnxruntime/index.js";

function isEmpty(inputs: Tensors): boolean {
  for (const name in inputs) if (elementCount(inputs[name]!.shape) === 0) return true;
  return false;
}

/**
 * The session, that it may also answer calls with empty tensors. Some of what ONNX Runtime rewrites a graph to for speed
 * fails where there are no elements: images laid out in blocks of channels, products that take in a transpose. Such a
 * call is run again on the session that `reopen` opens without this, once, when the first comes.
 */
export function answeringEmptyCalls(session: OrtSession, reopen: () => Promise<OrtSession>): OrtSession {
  let plain: Promise<OrtSession> | undefined;
  return {
    ...session,
    run: (given, wanted, caller) => {
      if (!isEmpty(given)) return session.run(given, wanted, caller);
      const again = async (error: unknown) => {
        if (isGone(caller)) throw error;
        plain ??= reopen();
        return (await plain).run(given, wanted, caller);
      };
      return Promise.resolve(session.run(given, wanted, caller)).catch(again);
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
    run: (given, wanted, caller) => {
      if (!isEmpty(given)) return session.run(given, wanted, caller);
      const note = (error: unknown) => {
        if (!isGone(caller) && error instanceof Error) failed.add(error);
        return error;
      };
      return whenDone(() => session.run(given, wanted, caller), asIs, note);
    },
  };
}
